import { ExprFailedError } from '../expr.errors.js';
import { ExprFunction, integerOf, listOf, nilOf, textOf } from '../values.js';
import { printValue } from './print-value.js';

type Table = Readonly<Record<string, ExprFunction>>;

function ofText(name: string, change: (text: string, rest: readonly unknown[]) => unknown): ExprFunction {
  return new ExprFunction((args, budget) => {
    const text = textOf(args[0], name);
    budget.text(text.length);
    return change(text, args.slice(1));
  });
}

function split(text: string, [separator, count]: readonly unknown[]): string[] {
  const by = textOf(separator, 'split');
  const limit = count === undefined ? -1 : integerOf(count, 'split');
  if (limit === 0) return [];
  const parts = by === '' ? [...text] : text.split(by);
  return limit < 0 || parts.length <= limit ? parts : [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(by)];
}

export function replaceText(text: string, from: string, to: string, count: number): string {
  if (count < 0) return text.replaceAll(from, () => to);
  let out = '';
  let rest = text;
  for (let i = 0; i < count; i++) {
    const at = rest.indexOf(from);
    if (at < 0) break;
    out += rest.slice(0, at) + to;
    rest = rest.slice(at + from.length);
    if (from === '') break;
  }
  return out + rest;
}

function trimSet(text: string, [characters]: readonly unknown[]): string {
  if (characters === undefined) return text.trim();
  const set = new Set(textOf(characters, 'trim'));
  const all = [...text];
  const from = all.findIndex((character) => !set.has(character));
  return from < 0 ? '' : all.slice(from, all.findLastIndex((character) => !set.has(character)) + 1).join('');
}

const bytes = (text: string): number => Buffer.byteLength(text);
const indexIn = (text: string, at: number): number => (at < 0 ? -1 : bytes(text.slice(0, at)));

export const textBuiltins: Table = {
  trim: ofText('trim', trimSet),
  trimPrefix: ofText('trimPrefix', (text, [prefix]) => {
    const cut = textOf(prefix ?? ' ', 'trimPrefix');
    return text.startsWith(cut) ? text.slice(cut.length) : text;
  }),
  trimSuffix: ofText('trimSuffix', (text, [suffix]) => {
    const cut = textOf(suffix ?? ' ', 'trimSuffix');
    return cut !== '' && text.endsWith(cut) ? text.slice(0, -cut.length) : text;
  }),
  upper: ofText('upper', (text) => text.toUpperCase()),
  lower: ofText('lower', (text) => text.toLowerCase()),
  split: ofText('split', split),
  replace: new ExprFunction((args, budget) => {
    const [text, from, to] = [0, 1, 2].map((i) => textOf(args[i], 'replace')) as [string, string, string];
    const most = from === '' ? text.length + 1 : Math.floor(text.length / from.length);
    budget.text(text.length + most * to.length);
    return replaceText(text, from, to, args[3] === undefined ? -1 : integerOf(args[3], 'replace'));
  }),
  repeat: new ExprFunction(([value, count], budget) => {
    const text = textOf(value, 'repeat');
    const times = integerOf(count, 'repeat');
    if (times < 0) throw new ExprFailedError('repeat takes a count of at least 0');
    budget.text(text.length * times);
    return text.repeat(times);
  }),
  join: new ExprFunction(([value, separator], budget) => {
    const parts = listOf(value, 'join').map((part) => textOf(part, 'join'));
    const by = textOf(separator ?? '', 'join');
    budget.text(parts.reduce((sum, part) => sum + part.length + by.length, 0));
    return parts.join(by);
  }),
  indexOf: ofText('indexOf', (text, [part]) => indexIn(text, text.indexOf(textOf(part, 'indexOf')))),
  lastIndexOf: ofText('lastIndexOf', (text, [part]) => indexIn(text, text.lastIndexOf(textOf(part, 'lastIndexOf')))),
  hasPrefix: ofText('hasPrefix', (text, [prefix]) => text.startsWith(textOf(prefix, 'hasPrefix'))),
  hasSuffix: ofText('hasSuffix', (text, [suffix]) => text.endsWith(textOf(suffix, 'hasSuffix'))),
  string: new ExprFunction(([value], budget) => {
    const text = printValue(nilOf(value));
    budget.text(text.length);
    return text;
  }),
  toJSON: new ExprFunction(([value], budget) => {
    const text = JSON.stringify(nilOf(value), undefined, 2);
    budget.text(text.length);
    return text;
  }),
  fromJSON: ofText('fromJSON', (text) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new ExprFailedError('fromJSON takes JSON');
    }
  }),
  toBase64: ofText('toBase64', (text) => Buffer.from(text).toString('base64')),
  fromBase64: ofText('fromBase64', (text) => {
    const decoded = Buffer.from(text, 'base64');
    if (decoded.toString('base64') !== text) throw new ExprFailedError('fromBase64 takes base64');
    return decoded.toString();
  }),
};
