import { type ApplicationSetSpec, labelSelectorSchema } from '@flotilla/contracts';
import { matchesSelector, parseLabelSelector } from '@flotilla/selector';
import { GeneratorError } from './generators.errors.js';
import { readEntry } from './read-entry.js';

/** What a set's generators read, as far as the document alone says; it decides which sets a change wakes. */
export interface SetInputs {
  readsClusters: boolean;
  /** Whether some selector of the set could take a cluster with these labels. */
  selectsCluster(labels: Readonly<Record<string, string>>): boolean;
  /** Repositories read; `anyRepository` when one is named by a parameter. */
  repositories: readonly { repoURL: string; revision: string }[];
  anyRepository: boolean;
  /** When the soonest of its generators has to be asked again; undefined when events tell of everything it reads. */
  requeueMs: number | undefined;
}

/** No server is asked more often than this, whatever a set says. */
const MIN_REQUEUE_SECONDS = 30;

export function setInputs(spec: Pick<ApplicationSetSpec, 'generators'>): SetInputs {
  const selectors: unknown[] = [];
  const repositories: { repoURL: string; revision: string }[] = [];
  const requeues: number[] = [];
  const visit = (entry: unknown, path: string, depth: number) => {
    if (depth > 3) return;
    for (const { generator, spec: own, path: below } of usesOf(entry, path)) {
      const inputs = generator.inputs(own);
      selectors.push(...inputs.clusterSelectors);
      repositories.push(...inputs.repositories);
      requeues.push(...inputs.requeueSeconds);
      for (const [i, child] of inputs.children.entries()) visit(child, `${below}.generators[${i}]`, depth + 1);
    }
  };
  for (const [i, entry] of spec.generators.entries()) visit(entry, `generators[${i}]`, 0);
  return {
    readsClusters: selectors.length > 0,
    selectsCluster: (labels) => selectors.some((selector) => couldSelect(selector, labels)),
    repositories,
    requeueMs: requeues.length === 0 ? undefined : Math.max(Math.min(...requeues), MIN_REQUEUE_SECONDS) * 1_000,
    anyRepository: repositories.some(({ repoURL, revision }) => `${repoURL}${revision}`.includes('{{')),
  };
}

/** A set that cannot be expanded reads nothing; its own change is what wakes it. */
function usesOf(entry: unknown, path: string): ReturnType<typeof readEntry>['uses'] {
  try {
    return readEntry(entry, path).uses;
  } catch (error) {
    if (error instanceof GeneratorError) return [];
    throw error;
  }
}

function couldSelect(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (JSON.stringify(selector).includes('{{')) return true;
  try {
    return matchesSelector(parseLabelSelector(labelSelectorSchema.parse(selector)), labels);
  } catch {
    return true;
  }
}
