import { compareValues, isEqual } from '../evaluate/compare.js';
import { memberOf } from '../evaluate/members.js';
import { ExprFailedError } from '../expr.errors.js';
import { ExprFunction, integerOf, isMapping, listOf, mappingOf, nilOf, typeName } from '../values.js';

/** Elements that `uniq` compares with each other at most. */
const MAX_UNIQ = 1_000;

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return [...value].length;
  if (Array.isArray(value)) return value.length;
  if (isMapping(value)) return Object.keys(value).length;
  throw new ExprFailedError(`invalid argument for len (type ${typeName(value)})`);
}

function get(object: unknown, key: unknown): unknown {
  try {
    return memberOf(object, key);
  } catch (error) {
    if (error instanceof ExprFailedError) return null;
    throw error;
  }
}

export const listBuiltins: Readonly<Record<string, ExprFunction>> = {
  len: new ExprFunction(([value]) => lengthOf(value)),
  first: new ExprFunction(([value]) => nilOf(listOf(value, 'first')[0])),
  last: new ExprFunction(([value]) => nilOf(listOf(value, 'last').at(-1))),
  get: new ExprFunction(([object, key]) => get(object, key)),
  take: new ExprFunction(([value, count]) => {
    const most = integerOf(count, 'take');
    if (most < 0) throw new ExprFailedError('take takes a count of at least 0');
    return listOf(value, 'take').slice(0, most);
  }),
  keys: new ExprFunction(([value]) => Object.keys(mappingOf(value, 'keys'))),
  values: new ExprFunction(([value]) => Object.values(mappingOf(value, 'values'))),
  reverse: new ExprFunction(([value], budget) => {
    const items = listOf(value, 'reverse');
    budget.step(items.length);
    return items.toReversed();
  }),
  uniq: new ExprFunction(([value], budget) => {
    const items = listOf(value, 'uniq');
    if (items.length > MAX_UNIQ) throw new ExprFailedError(`uniq takes at most ${MAX_UNIQ} elements`);
    return items.filter((item, i) => !items.slice(0, i).some((other) => isEqual(item, other, budget)));
  }),
  concat: new ExprFunction((args, budget) => {
    const all = args.flatMap((list) => listOf(list, 'concat'));
    budget.step(all.length);
    return all;
  }),
  flatten: new ExprFunction(([value], budget) => {
    const all = listOf(value, 'flatten').flat(20);
    budget.step(all.length);
    return all;
  }),
  sort: new ExprFunction(([value, order], budget) => {
    const items = listOf(value, 'sort');
    budget.step(items.length * 10);
    const sign = order === 'desc' ? -1 : 1;
    return items.toSorted((a, b) => sign * compareValues(a, b, '<'));
  }),
};
