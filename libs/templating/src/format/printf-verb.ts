import type { Budget } from '../execute/budget.js';
import { typeName } from '../values/go-type.js';
import { GoFunction, GoInt, GoList, GoMap, GoStruct, type GoValue, integerOf } from '../values/go-value.js';
import { formatFloat, formatFloatVerb } from './format-float.js';
import { formatValue } from './format-value.js';
import { quoteText } from './quote-text.js';

/** One `%…` without its verb. */
export interface Directive {
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  width?: number;
  precision?: number;
}

/** One argument by one verb; a verb that does not fit gives Go's `%!verb(type=value)`. */
export function formatDirective(verb: string, directive: Directive, value: GoValue, budget: Budget): string {
  if (verb === 'T') return pad(typeName(value), { ...directive, zero: false });
  if (value === null || value === undefined) return verb === 'v' ? pad('<nil>', { ...directive, zero: false }) : `%!${verb}(<nil>)`;
  if (verb === 'v' && directive.sharp) return goSyntax(value, budget);
  // `%+v` asks for field names, not for signs.
  return formatByVerb(verb, verb === 'v' ? { ...directive, plus: false } : directive, value, budget);
}

function formatByVerb(verb: string, directive: Directive, value: GoValue, budget: Budget): string {
  if (value === null || value === undefined) return '<nil>';
  if (value instanceof GoList || value instanceof GoMap) return formatElements(verb, directive, value, budget);
  const text = formatScalar(verb, directive, value);
  if (text !== undefined) return text;
  // The complaint shows the value with the flags that were meant for the verb.
  return `%!${verb}(${typeName(value)}=${formatScalar('v', { ...directive, sharp: false }, value) ?? formatValue(value, budget)})`;
}

/** Undefined for a verb that is none of the value's. */
function formatScalar(verb: string, directive: Directive, value: GoValue): string | undefined {
  if (typeof value === 'string') return formatText(verb, directive, value);
  if (typeof value === 'number') return formatFloatArgument(verb, directive, value);
  if (typeof value === 'boolean') return 'tv'.includes(verb) ? pad(String(value), directive) : undefined;
  if (value instanceof GoStruct) return formatText(verb, directive, value.text());
  const integer = integerOf(value);
  return integer === undefined ? undefined : formatInteger(verb, directive, integer);
}

/** A verb on a list or map goes to its elements. */
function formatElements(verb: string, directive: Directive, value: GoList | GoMap, budget: Budget): string {
  if (value instanceof GoList) {
    budget.step(value.items.length + 1);
    return `[${value.items.map((item) => formatByVerb(verb, directive, item, budget)).join(' ')}]`;
  }
  budget.step(value.entries.size + 1);
  const members = value.sortedKeys().map((key) => {
    return `${formatByVerb(verb, directive, key, budget)}:${formatByVerb(verb, directive, value.entries.get(key), budget)}`;
  });
  return `map[${members.join(' ')}]`;
}

function pad(text: string, { width = 0, minus, zero }: Directive): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (minus) return text + ' '.repeat(missing);
  return (zero ? '0' : ' ').repeat(missing) + text;
}

/** Zeros go between the sign and the digits. */
function padNumber(text: string, directive: Directive): string {
  const { width = 0, zero } = directive;
  const sign = /^[-+ ]/.exec(text)?.[0] ?? '';
  if (!zero || text.length >= width) return pad(text, { ...directive, zero: false });
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

function formatText(verb: string, directive: Directive, text: string): string | undefined {
  const cut = directive.precision === undefined ? text : [...text].slice(0, directive.precision).join('');
  switch (verb) {
    case 'v':
    case 's':
      return pad(cut, directive);
    case 'q':
      if (directive.sharp && !cut.includes('`')) return pad(`\`${cut}\``, directive);
      return pad(quoteText(cut, '"', directive.plus), directive);
    case 'x':
    case 'X':
      return pad(hexText(text, verb, directive), directive);
  }
  return undefined;
}

function hexText(text: string, verb: string, { precision, sharp, space }: Directive): string {
  const bytes = [...Buffer.from(text).subarray(0, precision)].map((byte) => byte.toString(16).padStart(2, '0'));
  const prefix = sharp && bytes.length > 0 ? '0x' : '';
  const hex = space ? bytes.map((byte) => prefix + byte).join(' ') : prefix + bytes.join('');
  return verb === 'X' ? hex.toUpperCase() : hex;
}

const BASES: Readonly<Record<string, [radix: number, prefix: string]>> = {
  d: [10, ''],
  v: [10, ''],
  b: [2, '0b'],
  o: [8, '0'],
  O: [8, ''],
  x: [16, '0x'],
  X: [16, '0x'],
};

function formatInteger(verb: string, directive: Directive, value: bigint): string | undefined {
  if (verb === 'c' || verb === 'q' || verb === 'U') return formatRune(verb, directive, value);
  const base = BASES[verb];
  if (!base) return undefined;
  const magnitude = value < 0n ? -value : value;
  let digits = magnitude.toString(base[0]);
  if (directive.precision !== undefined) {
    digits = directive.precision === 0 && value === 0n ? '' : digits.padStart(directive.precision, '0');
  }
  if (directive.sharp && verb !== 'd' && verb !== 'v') digits = base[1] + digits;
  if (verb === 'O') digits = `0o${digits}`;
  const sign = value < 0n ? '-' : directive.plus ? '+' : directive.space ? ' ' : '';
  const text = sign + (verb === 'X' ? digits.toUpperCase() : digits);
  return padNumber(text, { ...directive, zero: directive.zero && directive.precision === undefined });
}

function formatRune(verb: string, directive: Directive, value: bigint): string {
  const valid = value >= 0n && value <= 0x10ffffn && (value < 0xd800n || value > 0xdfffn);
  const char = valid ? String.fromCodePoint(Number(value)) : '\ufffd';
  if (verb === 'c') return pad(char, directive);
  if (verb === 'q') return pad(quoteText(char, "'", directive.plus), directive);
  const code = value
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(directive.precision ?? 0, 4), '0');
  return pad(directive.sharp ? `U+${code} '${char}'` : `U+${code}`, directive);
}

function formatFloatArgument(verb: string, directive: Directive, value: number): string | undefined {
  if (!/^[vgGeEfF]$/.test(verb)) return undefined;
  const plain = verb === 'v' && directive.precision === undefined;
  const text = plain ? formatFloat(value) : formatFloatVerb(value, verb === 'v' ? 'g' : verb, directive.precision, directive.sharp);
  const signed = text.startsWith('-') || text.startsWith('+') ? text : `${directive.plus ? '+' : directive.space ? ' ' : ''}${text}`;
  const shown = text.startsWith('+') && !directive.plus && directive.width === undefined ? text : signed;
  return padNumber(shown, { ...directive, zero: directive.zero && Number.isFinite(value) });
}

/** `%#v`. */
function goSyntax(value: GoValue, budget: Budget): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return quoteText(value);
  if (typeof value === 'number') return formatFloat(value);
  if (value instanceof GoInt && value.kind.startsWith('u')) return `0x${value.value.toString(16)}`;
  if (value instanceof GoList) {
    if (value.isNil) return `[]${value.element}(nil)`;
    budget.step(value.items.length + 1);
    return `[]${value.element}{${value.items.map((item) => goSyntax(item, budget)).join(', ')}}`;
  }
  if (value instanceof GoMap) {
    budget.step(value.entries.size + 1);
    const members = value.sortedKeys().map((key) => `${quoteText(key)}:${goSyntax(value.entries.get(key), budget)}`);
    return `map[string]${value.element}{${members.join(', ')}}`;
  }
  return value instanceof GoFunction ? '(func)' : formatValue(value, budget);
}
