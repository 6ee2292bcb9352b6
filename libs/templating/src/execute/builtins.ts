import { escapeHtml, escapeJavaScript, escapeQuery } from '../format/escape-text.js';
import { formatValue, printValues } from '../format/format-value.js';
import { formatPrintf } from '../format/printf.js';
import { isTrue, typeName } from '../values/go-type.js';
import { GoFunction, GoInt, GoList, GoMap, type GoValue, int, integerOf } from '../values/go-value.js';
import { compareFunctions } from './compare.js';
import { CallError, defineFunction, type FunctionTable } from './define-function.js';
import type { Tools } from './tools.js';

/** A text's UTF-8 bytes, for what Go counts in bytes. */
export const bytesOf = (text: string): Buffer => Buffer.from(text);

const SHORT_CIRCUIT = defineFunction(['value', '...value'], (_, first) => first);

function position(index: GoValue, length: number): number {
  if (index === undefined || index === null) throw new CallError('cannot index slice/array with nil');
  const value = integerOf(index);
  if (value === undefined) throw new CallError(`cannot index slice/array with type ${typeName(index)}`);
  if (value < 0n || value > BigInt(length)) throw new CallError(`index out of range: ${value}`);
  return Number(value);
}

function indexOne(item: GoValue, index: GoValue): GoValue {
  if (item === undefined || item === null) throw new CallError('index of nil pointer');
  if (item instanceof GoMap) {
    if (index === undefined || index === null) throw new CallError('value is nil; should be of type string');
    if (typeof index !== 'string') throw new CallError(`value has type ${typeName(index)}; should be string`);
    return item.entries.get(index) ?? (item.element === 'string' ? '' : null);
  }
  const items = typeof item === 'string' ? bytesOf(item) : item instanceof GoList ? item.items : undefined;
  if (!items) throw new CallError(`can't index item of type ${typeName(item)}`);
  const at = position(index, items.length);
  if (at >= items.length) throw new CallError(`reflect: ${typeof item === 'string' ? 'string' : 'slice'} index out of range`);
  const found = items[at]!;
  return typeof item === 'string' ? new GoInt('uint8', BigInt(found as number)) : (found as GoValue);
}

function sliceOf(item: GoValue, indexes: readonly GoValue[]): GoValue {
  if (item === undefined || item === null) throw new CallError('slice of untyped nil');
  if (indexes.length > 3) throw new CallError(`too many slice indexes: ${indexes.length}`);
  const isText = typeof item === 'string';
  if (isText && indexes.length === 3) throw new CallError('cannot 3-index slice a string');
  if (!isText && !(item instanceof GoList)) throw new CallError(`can't slice item of type ${typeName(item)}`);
  const items = isText ? bytesOf(item) : item.items;
  const bounds = indexes.map((index) => position(index, items.length));
  const [start = 0, end = items.length, capacity = items.length] = bounds;
  if (start > end) throw new CallError(`invalid slice index: ${start} > ${end}`);
  if (end > capacity) throw new CallError(`invalid slice index: ${end} > ${capacity}`);
  if (isText) return (items as Buffer).subarray(start, end).toString('utf8');
  return new GoList(item.items.slice(start, end), item.element);
}

function lengthOf(item: GoValue): GoValue {
  if (item === undefined) throw new CallError('reflect: call of reflect.Value.Type on zero Value');
  if (item === null) throw new CallError('len of nil pointer');
  if (typeof item === 'string') return int(Buffer.byteLength(item));
  if (item instanceof GoList) return int(item.items.length);
  if (item instanceof GoMap) return int(item.entries.size);
  throw new CallError(`len of type ${typeName(item)}`);
}

/** `call` of a function value that came with the data. */
function callValue(tools: Tools, name: string, target: GoValue, args: readonly GoValue[]): GoValue {
  if (target === undefined || target === null) throw new CallError('call of nil');
  if (!(target instanceof GoFunction)) throw new CallError(`non-function ${name} of type ${typeName(target)}`);
  const { params, isVariadic } = target;
  const fixed = isVariadic ? params.length - 1 : params.length;
  if (isVariadic ? args.length < fixed : args.length !== fixed) {
    throw new CallError(`wrong number of args for ${name}: got ${args.length} want ${isVariadic ? 'at least ' : ''}${fixed}`);
  }
  return target.call(tools, args);
}

/** What the escaping functions escape; for them a nil is what an action prints for it. */
function joined(tools: Tools, args: readonly GoValue[]): string {
  return printValues(
    args.map((arg) => arg ?? '<no value>'),
    tools.budget,
  );
}

/** The functions of Go's text/template itself. */
export const builtinFunctions: FunctionTable = {
  ...compareFunctions,
  and: SHORT_CIRCUIT,
  or: SHORT_CIRCUIT,
  not: defineFunction(['value'], (_, value) => !isTrue(value)),
  call: new GoFunction(['value', 'value'], true, (tools, [name, target, ...args]) =>
    callValue(tools as Tools, name as string, target as GoValue, args as GoValue[]),
  ),
  html: defineFunction(['...any'], (tools, ...args) => escapeHtml(joined(tools, args))),
  js: defineFunction(['...any'], (tools, ...args) => escapeJavaScript(joined(tools, args))),
  urlquery: defineFunction(['...any'], (tools, ...args) => escapeQuery(joined(tools, args))),
  index: defineFunction(['value', '...value'], (_, item, ...indexes) => {
    if (item === undefined || item === null) throw new CallError('index of untyped nil');
    return indexes.reduce(indexOne, item);
  }),
  slice: defineFunction(['value', '...value'], (_, item, ...indexes) => sliceOf(item, indexes)),
  len: defineFunction(['value'], (_, item) => lengthOf(item)),
  print: defineFunction(['...any'], (tools, ...args) => printValues(args, tools.budget)),
  println: defineFunction(['...any'], (tools, ...args) => `${args.map((arg) => formatValue(arg, tools.budget)).join(' ')}\n`),
  printf: defineFunction(['string', '...any'], (tools, format, ...args) => formatPrintf(format, args, tools.budget)),
};
