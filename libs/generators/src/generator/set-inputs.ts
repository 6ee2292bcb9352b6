import { type ApplicationSetSpec, labelSelectorSchema, SECRET_TYPE_LABEL } from '@flotilla/contracts';
import { matchesSelector, parseLabelSelector, type Requirement } from '@flotilla/selector';
import type { DecisionInput } from './generator.js';
import { GeneratorError } from './generators.errors.js';
import { readEntry } from './read-entry.js';

/** What a set's generators read, as far as the document alone says; it decides which sets a change wakes. */
export interface SetInputs {
  /**
   * By which clusters are chosen; none where no generator reads any. One with tags, or that cannot be read, takes every cluster: in
   * doubt a set is looked at.
   */
  clusterSelectors: readonly (readonly Requirement[])[];
  /** Repositories read; `anyRepository` when one is named by a parameter. */
  repositories: readonly { repoURL: string; revision: string }[];
  anyRepository: boolean;
  /** Decisions read; a ConfigMap that a parameter names is undefined. */
  decisions: readonly { configMap: string | undefined; mayDecide(document: DecisionLabels): boolean }[];
  /** When the soonest of its generators has to be asked again; undefined when events tell of everything it reads. */
  requeueMs: number | undefined;
}

/** What tells whether a generator means a document. */
export interface DecisionLabels {
  name: string;
  /** Undefined when nobody knows them. */
  labels: Readonly<Record<string, string>> | undefined;
}

/** No server is asked more often than this, whatever a set says. */
const MIN_REQUEUE_SECONDS = 30;

export function setInputs(spec: Pick<ApplicationSetSpec, 'generators'>): SetInputs {
  const selectors: unknown[] = [];
  const repositories: { repoURL: string; revision: string }[] = [];
  const requeues: number[] = [];
  const decisions: DecisionInput[] = [];
  const visit = (entry: unknown, path: string, depth: number) => {
    if (depth > 3) return;
    for (const { generator, spec: own, path: below } of usesOf(entry, path)) {
      const inputs = generator.inputs(own);
      selectors.push(...inputs.clusterSelectors);
      repositories.push(...inputs.repositories);
      requeues.push(...inputs.requeueSeconds);
      decisions.push(...(inputs.decisions ?? []));
      for (const [i, child] of inputs.children.entries()) visit(child, `${below}.generators[${i}]`, depth + 1);
    }
  };
  for (const [i, entry] of spec.generators.entries()) visit(entry, `generators[${i}]`, 0);
  return {
    clusterSelectors: selectors.map(readClusterSelector),
    repositories,
    decisions: decisions.map((input) => ({
      configMap: input.configMapRef.includes('{{') ? undefined : input.configMapRef,
      mayDecide: (document) => couldMean(input, document),
    })),
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

function couldMean({ name, labelSelector }: DecisionInput, document: DecisionLabels): boolean {
  if (name) return name.includes('{{') || name === document.name;
  return document.labels === undefined || couldSelect(labelSelector ?? {}, document.labels);
}

function couldSelect(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  return matchesSelector(readSelector(selector), labels);
}

/** Stands for a selector that nobody can read beforehand: it could take anything. */
const ANY: readonly Requirement[] = [];

function readSelector(selector: unknown): readonly Requirement[] {
  if (JSON.stringify(selector).includes('{{')) return ANY;
  try {
    return parseLabelSelector(labelSelectorSchema.parse(selector));
  } catch {
    return ANY;
  }
}

/** The generator leaves out what a selector says of the Secret's type: our clusters carry no such label. */
const readClusterSelector = (selector: unknown): readonly Requirement[] =>
  readSelector(selector).filter(({ key }) => key !== SECRET_TYPE_LABEL);
