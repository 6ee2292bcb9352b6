import { type ApplicationSetSpec, labelSelectorSchema, SECRET_TYPE_LABEL } from '@flotilla/contracts';
import { GeneratorError, readEntry } from '@flotilla/generators';
import { parseLabelSelector, type Requirement } from '@flotilla/selector';

/** Generators within generators that are looked into; one level more than any set may have. */
const MAX_DEPTH = 3;
/** Stands for a selector that nobody can read beforehand: it could take any cluster. */
const ANY: readonly Requirement[] = [];

/**
 * The selectors by which generators of a set choose clusters, read once. One with tags, or that cannot be read, takes every
 * cluster: in doubt a set is looked at. A set without such generators has none.
 */
export function clusterSelectors({ generators }: Pick<ApplicationSetSpec, 'generators'>): (readonly Requirement[])[] {
  return generators.flatMap((entry, i) => selectorsOf(entry, `generators[${i}]`, 0));
}

function selectorsOf(entry: unknown, path: string, depth: number): (readonly Requirement[])[] {
  if (depth > MAX_DEPTH) return [];
  return usesOf(entry, path).flatMap(({ generator, spec, path: below }) => {
    const { clusterSelectors: own, children } = generator.inputs(spec);
    return [...own.map(compile), ...children.flatMap((child, i) => selectorsOf(child, `${below}.generators[${i}]`, depth + 1))];
  });
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

function compile(selector: unknown): readonly Requirement[] {
  if (JSON.stringify(selector).includes('{{')) return ANY;
  try {
    // The generator leaves out what a selector says of the Secret's type: our clusters carry no such label.
    return parseLabelSelector(labelSelectorSchema.parse(selector)).filter(({ key }) => key !== SECRET_TYPE_LABEL);
  } catch {
    return ANY;
  }
}
