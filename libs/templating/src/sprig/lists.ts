import { CallError, defineFunction, type FunctionTable } from '../execute/define-function.js';
import type { Tools } from '../execute/tools.js';
import { deepEqual } from '../values/deep-equal.js';
import { isTrue, kindName } from '../values/go-type.js';
import { compareText, type GoFunction, GoList, GoStruct, type GoValue } from '../values/go-value.js';
import { toInteger } from './numbers.js';
import { textsOf } from './text/strings.js';

const NIL_LIST = new GoList([], 'interface {}', true);

/** @throws CallError in sprig's words, or Go's for nil, which has no type to ask for its kind */
function listOf(tools: Tools, value: GoValue, doing: string): readonly GoValue[] {
  if (value instanceof GoList) {
    tools.budget.step(value.items.length + 1);
    return value.items;
  }
  if (value === null || value === undefined) throw new CallError('runtime error: invalid memory address or nil pointer dereference');
  throw new CallError(doing.includes('%') ? doing.replace('%', kindName(value)) : `Cannot ${doing} type ${kindName(value)}`);
}

/** sprig's notion of an empty value. */
export function isEmpty(value: GoValue): boolean {
  return value instanceof GoStruct ? false : !isTrue(value);
}

function isAmong(tools: Tools, items: readonly GoValue[], value: GoValue): boolean {
  return items.some((item) => deepEqual(value, item, tools.budget));
}

function unique(tools: Tools, items: readonly GoValue[]): GoList {
  const kept: GoValue[] = [];
  for (const item of items) if (!isAmong(tools, kept, item)) kept.push(item);
  return new GoList(kept);
}

function chunk(tools: Tools, size: number, value: GoValue): GoList {
  const items = listOf(tools, value, 'chunk');
  if (size < 0 && Math.floor((items.length - 1) / size) === -1) return new GoList([], '[]interface {}');
  if (size <= 0) throw new CallError('runtime error: makeslice: len out of range');
  const chunks: GoValue[] = [];
  for (let i = 0; i < items.length; i += size) chunks.push(new GoList(items.slice(i, i + size)));
  return new GoList(chunks, '[]interface {}');
}

function cut(tools: Tools, value: GoValue, indexes: readonly GoValue[]): GoValue {
  const items = listOf(tools, value, 'list should be type of slice or array but %');
  if (items.length === 0) return null;
  const start = Number(indexes.length > 0 ? toInteger(indexes[0]) : 0n);
  const end = indexes.length > 1 ? Number(toInteger(indexes[1])) : items.length;
  if (start < 0 || end < start || end > items.length) throw new CallError('reflect.Value.Slice: slice index out of bounds');
  return new GoList(items.slice(start, end), (value as GoList).element);
}

const onList = (doing: string, body: (items: readonly GoValue[], tools: Tools) => GoValue): GoFunction =>
  defineFunction(['any'], (tools, value) => body(listOf(tools, value, doing), tools));

const list = defineFunction(['...any'], (_, ...items) => new GoList(items));
const push = defineFunction(['any', 'any'], (tools, value, item) => new GoList([...listOf(tools, value, 'push on'), item]));
const prepend = defineFunction(['any', 'any'], (tools, value, item) => new GoList([item, ...listOf(tools, value, 'prepend on')]));
const first = onList('find first on', (items) => items[0] ?? null);
const last = onList('find last on', (items) => items.at(-1) ?? null);
const rest = onList('find rest on', (items) => (items.length === 0 ? NIL_LIST : new GoList(items.slice(1))));
const initial = onList('find initial on', (items) => (items.length === 0 ? NIL_LIST : new GoList(items.slice(0, -1))));
const reverse = onList('find reverse on', (items) => new GoList(items.toReversed()));
const compact = onList('compact on', (items) => new GoList(items.filter((item) => !isEmpty(item))));
const uniq = onList('find uniq on', (items, tools) => unique(tools, items));
const without = defineFunction(['any', '...any'], (tools, value, ...omitted) => {
  return new GoList(listOf(tools, value, 'find without on').filter((item) => !isAmong(tools, omitted, item)));
});
const has = defineFunction(['any', 'any'], (tools, needle, value) => {
  return value === null ? false : isAmong(tools, listOf(tools, value, 'find has on'), needle);
});
const slice = defineFunction(['any', '...any'], (tools, value, ...indexes) => cut(tools, value, indexes));
const chunked = defineFunction(['int', 'any'], chunk);

export const listFunctions: FunctionTable = {
  list,
  tuple: list,
  append: push,
  push,
  mustAppend: push,
  mustPush: push,
  prepend,
  mustPrepend: prepend,
  first,
  mustFirst: first,
  last,
  mustLast: last,
  rest,
  mustRest: rest,
  initial,
  mustInitial: initial,
  reverse,
  mustReverse: reverse,
  compact,
  mustCompact: compact,
  uniq,
  mustUniq: uniq,
  without,
  mustWithout: without,
  has,
  mustHas: has,
  slice,
  mustSlice: slice,
  chunk: chunked,
  mustChunk: chunked,
  concat: defineFunction(['...any'], (tools, ...lists) => {
    const items = lists.flatMap((value) => listOf(tools, value, 'Cannot concat type % as list'));
    return items.length > 0 ? new GoList(items) : NIL_LIST;
  }),
  sortAlpha: defineFunction(['any'], (tools, value) => new GoList(textsOf(tools, value).sort(compareText), 'string')),
};
