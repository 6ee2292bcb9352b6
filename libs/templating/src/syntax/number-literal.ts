import type { NumberNode } from './nodes.js';
import { unquote } from './unquote.js';

const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** A number or character constant of a template; undefined when it is none. Source: Go's newNumber and strconv.ParseInt(s, 0, 64). */
export function readNumber(pos: number, text: string): NumberNode | undefined {
  const node = { type: 'number' as const, pos, text };
  if (text.startsWith("'")) {
    const char = [...(unquote(text) ?? '')];
    if (char.length !== 1) return undefined;
    const code = char[0]!.codePointAt(0)!;
    return { ...node, integer: BigInt(code), float: code, ideal: 'rune' };
  }
  const integer = readInteger(text);
  if (integer !== undefined) {
    const ideal = integer > MAX_INT64 ? 'overflow' : 'int';
    return { ...node, integer, float: Number(integer), ideal };
  }
  // Digits alone that fit no 64 bits are an overflow, not a float.
  const float = /[.eEpP]/.test(text) ? readFloat(text) : undefined;
  if (float === undefined) return undefined;
  // A float constant with an integral value also serves where an integer is wanted.
  const whole = Number.isInteger(float) && Math.abs(float) < 2 ** 63 ? { integer: BigInt(float) } : {};
  return { ...node, ...whole, float, ideal: 'float' };
}

function readInteger(text: string): bigint | undefined {
  const match = /^([+-]?)(0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0|[1-9](?:_?[0-9])*)$/.exec(text);
  if (!match) return undefined;
  const digits = match[2]!.replaceAll('_', '').toLowerCase();
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (match[1] === '-') return value > MAX_INT64 + 1n ? undefined : -value;
  return value > MAX_UINT64 ? undefined : value;
}

function readFloat(text: string): number | undefined {
  const hex = /^([+-]?)0[xX]([0-9a-fA-F_]*)(?:\.([0-9a-fA-F_]*))?[pP]([+-]?[0-9]+)$/.exec(text);
  if (hex) {
    const [, sign, whole = '', fraction = '', exponent] = hex;
    const digits = (whole + fraction).replaceAll('_', '');
    if (digits === '') return undefined;
    const value = Number.parseInt(digits, 16) * 2 ** (Number(exponent) - 4 * fraction.replaceAll('_', '').length);
    return sign === '-' ? -value : value;
  }
  if (!/^[+-]?(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9]+)?$/.test(text)) return undefined;
  const value = Number(text.replaceAll('_', ''));
  return Number.isFinite(value) ? value : undefined;
}
