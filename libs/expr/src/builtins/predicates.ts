import { compareValues } from '../evaluate/compare.js';
import { ExprFailedError } from '../expr.errors.js';
import { boolOf, numberOf } from '../values.js';

/** Asks the predicate about one element. */
export type Ask = (element: unknown, index: number, accumulator?: unknown) => unknown;
type Items = readonly unknown[];

const asBool =
  (ask: Ask, what: string) =>
  (element: unknown, index: number): boolean =>
    boolOf(ask(element, index), `the predicate of ${what}`);

function total(items: Items, ask: Ask | undefined): number {
  return items.reduce((sum: number, item, i) => sum + numberOf(ask ? ask(item, i) : item, 'sum'), 0);
}

function groupBy(items: Items, ask: Ask): Record<string, unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const [i, item] of items.entries()) {
    const key = String(ask(item, i));
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return Object.fromEntries(groups);
}

function reduce(items: Items, ask: Ask, start: unknown): unknown {
  if (start === undefined && items.length === 0) throw new ExprFailedError('reduce of an empty list needs a value to start from');
  const rest = start === undefined ? items.slice(1) : items;
  const offset = items.length - rest.length;
  return rest.reduce((soFar, item, i) => ask(item, i + offset, soFar), start === undefined ? items[0] : start);
}

function sortBy(items: Items, ask: Ask, order: unknown): unknown[] {
  if (order !== undefined && order !== 'asc' && order !== 'desc') throw new ExprFailedError('sortBy orders asc or desc');
  const sign = order === 'desc' ? -1 : 1;
  return items
    .map((item, i) => [ask(item, i), item] as const)
    .sort(([a], [b]) => sign * compareValues(a, b, '<'))
    .map(([, item]) => item);
}

/** The builtins that take a predicate; `rest` are the arguments behind it. */
export const PREDICATE_BUILTINS: Readonly<Record<string, (items: Items, ask: Ask | undefined, rest: Items) => unknown>> = {
  all: (items, ask) => items.every(asBool(needed(ask, 'all'), 'all')),
  any: (items, ask) => items.some(asBool(needed(ask, 'any'), 'any')),
  none: (items, ask) => !items.some(asBool(needed(ask, 'none'), 'none')),
  one: (items, ask) => items.filter(asBool(needed(ask, 'one'), 'one')).length === 1,
  filter: (items, ask) => items.filter(asBool(needed(ask, 'filter'), 'filter')),
  map: (items, ask) => items.map(needed(ask, 'map')),
  count: (items, ask) => items.filter(asBool(ask ?? ((element) => element), 'count')).length,
  sum: total,
  find: (items, ask) => items.find(asBool(needed(ask, 'find'), 'find')) ?? null,
  findIndex: (items, ask) => placeOr(items.findIndex(asBool(needed(ask, 'findIndex'), 'findIndex'))),
  findLast: (items, ask) => items.findLast(asBool(needed(ask, 'findLast'), 'findLast')) ?? null,
  findLastIndex: (items, ask) => placeOr(items.findLastIndex(asBool(needed(ask, 'findLastIndex'), 'findLastIndex'))),
  groupBy: (items, ask) => groupBy(items, needed(ask, 'groupBy')),
  sortBy: (items, ask, [order]) => sortBy(items, needed(ask, 'sortBy'), order),
  reduce: (items, ask, [start]) => reduce(items, needed(ask, 'reduce'), start),
};

const placeOr = (index: number): number | null => (index < 0 ? null : index);

function needed(ask: Ask | undefined, name: string): Ask {
  if (!ask) throw new ExprFailedError(`${name} needs a predicate`);
  return ask;
}
