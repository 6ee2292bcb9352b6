import { isObject } from '@flotilla/kernel';
import { flattenParams, goText } from './flatten-params.js';
import { PairedSet, type ParamSet, type Params } from './params.js';

/**
 * Lays `over` over `under`: maps merge deeply, everything else of `over` wins, empty values and lists too; only an empty map
 * gives way. This is what Argo CD's matrix and merge do in Go template mode (mergo with override, seen by running it).
 */
export function deepMerge(over: Params, under: Params): Params {
  const merged: Record<string, unknown> = { ...under };
  for (const [name, value] of Object.entries(over)) {
    const below = Object.hasOwn(under, name) ? under[name] : undefined;
    define(merged, name, isObject(value) && isObject(below) ? deepMerge(value, below) : value);
  }
  return merged;
}

const halves = new WeakMap<ParamSet, Params>();

/** All parameters as one structured value; of a pair the left half wins. A half that many pairs share is merged once. */
export function dataOf(set: ParamSet): Params {
  if (set instanceof PairedSet) return deepMerge(halfOf(set.left), halfOf(set.right));
  const [first = {}, ...rest] = set.layers;
  return rest.reduce((over, under) => deepMerge(over, under), first);
}

function halfOf(set: ParamSet): Params {
  let data = halves.get(set);
  if (!data) {
    data = dataOf(set);
    halves.set(set, data);
  }
  return data;
}

/** The parameters as the flat texts that a generator's `selector` reads. */
export function selectorTexts(set: ParamSet): Record<string, string> {
  return flattenParams(dataOf(set), goText);
}

/** A name like `__proto__` is a name like any other. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
