import { isObject } from '@flotilla/kernel';
import { sameQuantity } from './quantity.js';

export interface Difference {
  /** JSON pointer into the desired value. */
  pointer: string;
  desired: unknown;
  /** Undefined when the live object lacks it. */
  live: unknown;
}

const MAX_DIFFERENCES = 100;
/** Members by which Kubernetes tells list elements apart; the first that all elements carry once is used. */
const ELEMENT_KEYS = ['name', 'containerPort', 'port', 'mountPath', 'key', 'type', 'ip', 'topologyKey', 'devicePath', 'uid'];

/**
 * What the desired value says that the live one does not: members the live object has besides are no difference, `null`
 * asks for nothing. Lists of named elements are matched by that name, other lists element by element; texts below
 * `resources`, `capacity` and the like that are Kubernetes quantities are compared by value.
 * At most 100 differences are returned.
 */
export function subsetDiff(desired: unknown, live: unknown, ignoredPointers: readonly string[] = []): Difference[] {
  const found: Difference[] = [];
  compare(desired, live, '', false, { found, ignored: new Set(ignoredPointers) });
  return found;
}

interface Walk {
  found: Difference[];
  ignored: ReadonlySet<string>;
}

const QUANTITY_PARENTS = new Set(['limits', 'requests', 'hard', 'capacity', 'max', 'min', 'default', 'defaultRequest', 'overhead']);
const QUANTITY_FIELDS = new Set(['sizeLimit', 'averageValue', 'divisor', 'storage']);

function compare(desired: unknown, live: unknown, pointer: string, isQuantity: boolean, walk: Walk): void {
  if (walk.found.length >= MAX_DIFFERENCES || walk.ignored.has(pointer)) return;
  if (desired === null || desired === undefined) return;
  if (isObject(desired)) {
    if (!isObject(live)) {
      if (live === undefined && Object.keys(desired).length === 0) return;
      walk.found.push({ pointer, desired, live });
      return;
    }
    const parent = pointer.slice(pointer.lastIndexOf('/') + 1);
    for (const [name, value] of Object.entries(desired)) {
      const quantity = QUANTITY_PARENTS.has(parent) || QUANTITY_FIELDS.has(name);
      const below = Object.hasOwn(live, name) ? live[name] : undefined;
      compare(value, below, `${pointer}/${escapePointer(name)}`, quantity, walk);
    }
  } else if (Array.isArray(desired)) {
    compareLists(desired, live, pointer, walk);
  } else if (!Object.is(desired, live) && !(isQuantity && sameQuantity(desired, live))) {
    walk.found.push({ pointer, desired, live });
  }
}

function compareLists(desired: unknown[], live: unknown, pointer: string, walk: Walk): void {
  if (!Array.isArray(live)) {
    if (live !== undefined || desired.length > 0) walk.found.push({ pointer, desired, live });
    return;
  }
  const key = elementKey(desired, live);
  if (key === undefined) {
    if (desired.length !== live.length) walk.found.push({ pointer, desired, live });
    else for (const [i, item] of desired.entries()) compare(item, live[i], `${pointer}/${i}`, false, walk);
    return;
  }
  const byKey = new Map(live.map((item) => [(item as Record<string, unknown>)[key], item]));
  for (const [i, item] of desired.entries()) {
    compare(item, byKey.get((item as Record<string, unknown>)[key]), `${pointer}/${i}`, false, walk);
  }
}

function elementKey(desired: unknown[], live: unknown[]): string | undefined {
  return ELEMENT_KEYS.find((key) => [desired, live].every((list) => isKeyed(list, key)));
}

/** The element of one list that stands for an element of another, by the member that names them, else by its index; -1 if none does. */
export function counterpartIn(list: unknown[], other: unknown[], index: number): number {
  const key = elementKey(list, other);
  if (key === undefined) return index < list.length ? index : -1;
  const name = (other[index] as Record<string, unknown> | undefined)?.[key];
  return list.findIndex((item) => (item as Record<string, unknown>)[key] === name);
}

function isKeyed(list: unknown[], key: string): boolean {
  if (!list.every((item) => isObject(item) && ['string', 'number'].includes(typeof item[key]))) return false;
  return new Set(list.map((item) => (item as Record<string, unknown>)[key])).size === list.length;
}

export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
