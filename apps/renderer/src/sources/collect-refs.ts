import { type Application, type ApplicationSet, sourcesOf } from '@flotilla/contracts';
import { digestBytes, isObject } from '@flotilla/kernel';

/** A pair somebody follows: `ref` is a branch, tag, commit or HEAD. */
export interface SourceRef {
  repoURL: string;
  ref: string;
}

/** Nesting of generators that is searched; Argo CD allows two levels. */
const MAX_DEPTH = 5;

/** The pairs an Application renders from; chart repositories are none. */
export function refsOfApplication({ spec }: Application): SourceRef[] {
  return sourcesOf(spec).flatMap(({ repoURL, targetRevision, chart }) => pair(repoURL, targetRevision, chart));
}

/** The pairs an ApplicationSet's git generators look at, also inside matrix and merge; templated ones are left to the expander. */
export function refsOfApplicationSet({ spec }: ApplicationSet): SourceRef[] {
  return distinct(spec.generators.flatMap((generator) => refsOfGenerator(generator, 0)));
}

function refsOfGenerator(generator: unknown, depth: number): SourceRef[] {
  if (!isObject(generator) || depth > MAX_DEPTH) return [];
  const refs: SourceRef[] = [];
  const { git } = generator;
  if (isObject(git) && typeof git.repoURL === 'string') {
    refs.push(...pair(git.repoURL, typeof git.revision === 'string' ? git.revision : undefined, undefined));
  }
  for (const key of ['matrix', 'merge'] as const) {
    const nested = generator[key];
    if (isObject(nested) && Array.isArray(nested.generators)) {
      refs.push(...nested.generators.flatMap((child) => refsOfGenerator(child, depth + 1)));
    }
  }
  return refs;
}

function pair(repoURL: string | undefined, ref: string | undefined, chart: string | undefined): SourceRef[] {
  if (!repoURL || chart !== undefined || isTemplated(repoURL) || isTemplated(ref ?? '')) return [];
  return [{ repoURL, ref: ref || 'HEAD' }];
}

function isTemplated(text: string): boolean {
  return text.includes('{{');
}

export function distinct(refs: readonly SourceRef[]): SourceRef[] {
  return [...new Map(refs.map((ref) => [gitSourceName(ref), ref])).values()];
}

/** The name of the GitSource of a pair: readable at the front, unique by its digest. */
export function gitSourceName({ repoURL, ref }: SourceRef): string {
  const words = `${
    repoURL
      .replace(/\.git$/, '')
      .split(/[/:]/)
      .at(-1) ?? ''
  }-${ref}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  const readable = words.slice(0, 40).replace(/^-+|-+$/g, '') || 'source';
  return `${readable}-${digestBytes(`${repoURL}\n${ref}`).slice(0, 12)}`;
}
