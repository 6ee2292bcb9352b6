import { CallError, defineFunction, type FunctionTable } from '../../execute/define-function.js';
import type { Tools } from '../../execute/tools.js';
import { formatValue } from '../../format/format-value.js';
import { quoteText } from '../../format/quote-text.js';
import { GoList, GoMap, type GoValue, int } from '../../values/go-value.js';

/** sprig's text of any value: texts as they are, everything else as `%v` prints it. */
export function textOf(tools: Tools, value: GoValue): string {
  return typeof value === 'string' ? value : formatValue(value, tools.budget);
}

/** sprig's list of texts: nils left out, a single value as a list of one. */
export function textsOf(tools: Tools, value: GoValue): string[] {
  if (value === null || value === undefined) return [];
  if (!(value instanceof GoList)) return [textOf(tools, value)];
  tools.budget.step(value.items.length);
  return value.items.filter((item) => item !== null && item !== undefined).map((item) => textOf(tools, item));
}

/** Bytes from `start` to `end`, as Go slices a string; a cut rune becomes U+FFFD. */
function cut(text: string, start: number, end?: number): string {
  const bytes = Buffer.from(text);
  const stop = end ?? bytes.length;
  const outside = 'runtime error: slice bounds out of range';
  if (stop > bytes.length || stop < 0) throw new CallError(`${outside} [:${stop}]${stop < 0 ? '' : ` with length ${bytes.length}`}`);
  if (stop < start) throw new CallError(`${outside} [${start}:${stop}]`);
  return bytes.toString('utf8', start, stop);
}

function truncate(length: number, text: string): string {
  const size = Buffer.byteLength(text);
  if (length < 0) return size + length > 0 ? cut(text, size + length) : text;
  return size > length ? cut(text, 0, length) : text;
}

function substring(start: number, end: number, text: string): string {
  if (start < 0) return cut(text, 0, end);
  return end < 0 || end > Buffer.byteLength(text) ? cut(text, start) : cut(text, start, end);
}

function indent(tools: Tools, spaces: number, text: string): string {
  if (spaces < 0) throw new CallError('strings: negative Repeat count');
  const lines = text.split('\n');
  tools.budget.text(spaces * lines.length);
  return lines.map((line) => ' '.repeat(spaces) + line).join('\n');
}

function repeat(tools: Tools, count: number, text: string): string {
  if (count < 0) throw new CallError('strings: negative Repeat count');
  tools.budget.text(count * text.length);
  return text.repeat(count);
}

function replace(tools: Tools, old: string, replacement: string, text: string): string {
  // An empty text is found before every rune and at the end, not between the halves of a surrogate pair.
  const parts = old === '' ? ['', ...text, ''] : text.split(old);
  tools.budget.text(parts.length * replacement.length);
  return parts.join(replacement);
}

/** Go's Trim, TrimLeft and so on take a set of runes. */
function trimSet(set: string, text: string): string {
  const chars = [...text];
  let start = 0;
  let end = chars.length;
  while (start < end && set.includes(chars[start]!)) start++;
  while (end > start && set.includes(chars[end - 1]!)) end--;
  return chars.slice(start, end).join('');
}

/** Go's TrimSpace: Unicode White_Space, without the byte order mark JavaScript adds. */
function trimSpace(text: string): string {
  return text.replace(/^[\p{White_Space}]+/u, '').replace(/[\p{White_Space}]+$/u, '');
}

function splitMap(parts: readonly string[]): GoMap {
  return new GoMap(
    parts.map((part, i) => [`_${i}`, part] as const),
    'string',
  );
}

/** Go's strings.SplitN. */
function splitParts(separator: string, text: string, count = -1): string[] {
  if (count === 0) return [];
  const parts = separator === '' ? [...text] : text.split(separator);
  if (count < 0 || parts.length <= count) return parts;
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

function concatenate(tools: Tools, values: readonly GoValue[]): string {
  const given = values.filter((value) => value !== null && value !== undefined);
  return given.map((value) => formatValue(value, tools.budget)).join(' ');
}

const trimAll = defineFunction(['string', 'string'], (_, set, text) => trimSet(set, text));

export const stringFunctions: FunctionTable = {
  hello: defineFunction([], () => 'Hello!'),
  trunc: defineFunction(['int', 'string'], (_, length, text) => truncate(length, text)),
  trim: defineFunction(['string'], (_, text) => trimSpace(text)),
  trimall: trimAll,
  trimAll,
  trimSuffix: defineFunction(['string', 'string'], (_, suffix, text) =>
    suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  ),
  trimPrefix: defineFunction(['string', 'string'], (_, prefix, text) => (text.startsWith(prefix) ? text.slice(prefix.length) : text)),
  substr: defineFunction(['int', 'int', 'string'], (_, start, end, text) => substring(start, end, text)),
  repeat: defineFunction(['int', 'string'], repeat),
  nospace: defineFunction(['string'], (_, text) => text.replace(/\p{White_Space}/gu, '')),
  contains: defineFunction(['string', 'string'], (_, part, text) => text.includes(part)),
  hasPrefix: defineFunction(['string', 'string'], (_, prefix, text) => text.startsWith(prefix)),
  hasSuffix: defineFunction(['string', 'string'], (_, suffix, text) => text.endsWith(suffix)),
  quote: defineFunction(['...any'], (tools, ...values) =>
    values
      .filter((value) => value !== null)
      .map((value) => quoteText(textOf(tools, value)))
      .join(' '),
  ),
  squote: defineFunction(['...any'], (tools, ...values) =>
    values
      .filter((value) => value !== null)
      .map((value) => `'${formatValue(value, tools.budget)}'`)
      .join(' '),
  ),
  cat: defineFunction(['...any'], (tools, ...values) => concatenate(tools, values)),
  indent: defineFunction(['int', 'string'], indent),
  nindent: defineFunction(['int', 'string'], (tools, spaces, text) => `\n${indent(tools, spaces, text)}`),
  replace: defineFunction(['string', 'string', 'string'], replace),
  plural: defineFunction(['string', 'string', 'int'], (_, one, many, count) => (count === 1 ? one : many)),
  toString: defineFunction(['any'], (tools, value) => textOf(tools, value)),
  toStrings: defineFunction(['any'], (tools, value) => new GoList(textsOf(tools, value), 'string')),
  atoi: defineFunction(['string'], (_, text) => int(/^[+-]?\d{1,15}$/.test(text) ? Number(text) : 0)),
  split: defineFunction(['string', 'string'], (_, separator, text) => splitMap(splitParts(separator, text))),
  splitList: defineFunction(['string', 'string'], (_, separator, text) => new GoList(splitParts(separator, text), 'string')),
  splitn: defineFunction(['string', 'int', 'string'], (_, separator, count, text) => splitMap(splitParts(separator, text, count))),
  join: defineFunction(['string', 'any'], (tools, separator, value) => {
    const texts = textsOf(tools, value);
    tools.budget.text(texts.length * separator.length);
    return texts.join(separator);
  }),
  fail: defineFunction(['string'], (_, message) => {
    throw new CallError(message);
  }),
};
