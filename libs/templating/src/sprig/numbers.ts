import { CallError, defineFunction, type FunctionTable } from '../execute/define-function.js';
import type { Tools } from '../execute/tools.js';
import { formatValue } from '../format/format-value.js';
import { type GoInt, GoList, type GoValue, int, int64, integerOf } from '../values/go-value.js';
import { addDecimal, type Decimal, decimalOf, divideDecimal, multiplyDecimal, numberOf, subtractDecimal } from './decimal.js';

const MIN_INT64 = -(2n ** 63n);

/** spf13/cast's ToInt64: what is no number is 0. Texts may be 0x12, 0o7, 012, or end in `.0`. */
export function toInteger(value: GoValue): bigint {
  const integer = integerOf(value);
  if (integer !== undefined) return BigInt.asIntN(64, integer);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number') {
    // Outside of int64, Go on amd64 gives the smallest one.
    if (!(Math.abs(value) < 2 ** 63)) return MIN_INT64;
    return BigInt(Math.trunc(value));
  }
  return typeof value === 'string' ? parseInteger(value.replace(/\.0+$/, '')) : 0n;
}

function parseInteger(text: string): bigint {
  const match = /^([+-]?)(0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0|[1-9](?:_?[0-9])*)$/.exec(text);
  if (!match) return 0n;
  const digits = match[2]!.replaceAll('_', '').toLowerCase();
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = match[1] === '-' ? -magnitude : magnitude;
  return BigInt.asIntN(64, value) === value ? value : 0n;
}

/** spf13/cast's ToFloat64. */
export function toFloat(value: GoValue): number {
  const integer = integerOf(value);
  if (integer !== undefined) return Number(integer);
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return 0;
  const special = /^[+-]?(inf|infinity|nan)$/i.exec(value);
  if (special) return /^nan$/i.test(special[1]!) ? Number.NaN : value.startsWith('-') ? -Infinity : Infinity;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) return 0;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : 0;
}

const fold =
  (operate: (a: bigint, b: bigint) => bigint) =>
  (_: unknown, first: GoValue, ...others: GoValue[]) =>
    int64(others.reduce<bigint>((sum, value) => BigInt.asIntN(64, operate(sum, toInteger(value))), toInteger(first)));

const pick = (prefers: (candidate: bigint, best: bigint) => boolean) =>
  defineFunction(
    ['any', '...any'],
    fold((best, candidate) => (prefers(candidate, best) ? candidate : best)),
  );
const larger = pick((candidate, best) => candidate > best);

function divide(a: GoValue, b: GoValue, operate: (a: bigint, b: bigint) => bigint): GoInt {
  const divisor = toInteger(b);
  if (divisor === 0n) throw new CallError('runtime error: integer divide by zero');
  return int64(operate(toInteger(a), divisor));
}

/** Steps per operand: a decimal may have hundreds of digits. */
const DECIMAL_STEPS = 20;

function decimals({ budget }: Tools, first: number, others: readonly GoValue[], operate: (a: Decimal, b: Decimal) => Decimal): number {
  budget.step(DECIMAL_STEPS * (others.length + 1));
  const values = [first, ...others.map(toFloat)];
  if (!values.every(Number.isFinite)) throw new CallError('Cannot create a Decimal from a number that is not finite');
  return numberOf(values.map(decimalOf).reduce(operate));
}

/** sprig rounds by the fraction that is left after shifting, which negative numbers make odd. */
function round(value: number, places: number, on = 0.5): number {
  const power = 10 ** places;
  const digit = power * value;
  return (digit - Math.trunc(digit) >= on ? Math.ceil(digit) : Math.floor(digit)) / power;
}

type Step = (count: number) => void;

function range(step: Step, start: number, stop: number, by: number): number[] {
  const down = stop < start;
  if (down ? by >= 0 : by <= 0) return [];
  const count = Math.ceil((stop - start) / by);
  step(count);
  return Array.from({ length: count }, (_, i) => start + i * by);
}

function sequence(step: Step, params: readonly number[]): string {
  if (params.length === 0 || params.length > 3) return '';
  const [start, end] = params.length === 1 ? [1, params[0]!] : [params[0]!, params.at(-1)!];
  const increment = end < start ? -1 : 1;
  if (params.length === 3 && end < start && params[1]! > 0) return '';
  return range(step, start, end + increment, params.length === 3 ? params[1]! : increment).join(' ');
}

const ints = (values: readonly number[]): GoList => new GoList(values.map(int), 'int');

export const numberFunctions: FunctionTable = {
  int: defineFunction(['any'], (_, value) => toInteger(value)),
  int64: defineFunction(['any'], (_, value) => int64(toInteger(value))),
  float64: defineFunction(['any'], (_, value) => toFloat(value)),
  toDecimal: defineFunction(['any'], (tools, value) => {
    const text = formatValue(value, tools.budget);
    return int64(/^[+-]?[0-7]{1,21}$/.test(text) ? parseInteger(text.replace(/^([+-]?)/, '$10o')) : 0n);
  }),
  add1: defineFunction(['any'], (_, value) => int64(toInteger(value) + 1n)),
  add: defineFunction(['...any'], (_, ...values) => fold((a, b) => a + b)(_, 0n, ...values)),
  sub: defineFunction(['any', 'any'], (_, a, b) => int64(toInteger(a) - toInteger(b))),
  mul: defineFunction(
    ['any', '...any'],
    fold((a, b) => a * b),
  ),
  div: defineFunction(['any', 'any'], (_, a, b) => divide(a, b, (x, y) => x / y)),
  mod: defineFunction(['any', 'any'], (_, a, b) => divide(a, b, (x, y) => x % y)),
  max: larger,
  biggest: larger,
  min: pick((candidate, best) => candidate < best),
  add1f: defineFunction(['any'], (tools, value) => decimals(tools, toFloat(value), [1], addDecimal)),
  addf: defineFunction(['...any'], (tools, ...values) => decimals(tools, 0, values, addDecimal)),
  subf: defineFunction(['any', '...any'], (tools, first, ...values) => decimals(tools, toFloat(first), values, subtractDecimal)),
  mulf: defineFunction(['any', '...any'], (tools, first, ...values) => decimals(tools, toFloat(first), values, multiplyDecimal)),
  divf: defineFunction(['any', '...any'], (tools, first, ...values) => {
    if (values.some((value) => toFloat(value) === 0)) throw new CallError('decimal division by 0');
    return decimals(tools, toFloat(first), values, divideDecimal);
  }),
  maxf: defineFunction(['any', '...any'], (_, ...values) => Math.max(...values.map(toFloat))),
  minf: defineFunction(['any', '...any'], (_, ...values) => Math.min(...values.map(toFloat))),
  ceil: defineFunction(['any'], (_, value) => Math.ceil(toFloat(value))),
  floor: defineFunction(['any'], (_, value) => Math.floor(toFloat(value))),
  round: defineFunction(['any', 'int', '...float64'], (_, value, places, ...on) => round(toFloat(value), places, on[0])),
  until: defineFunction(['int'], (tools, count) => ints(range((n) => tools.budget.step(n), 0, count, count < 0 ? -1 : 1))),
  untilStep: defineFunction(['int', 'int', 'int'], (tools, start, stop, by) => ints(range((n) => tools.budget.step(n), start, stop, by))),
  seq: defineFunction(['...int'], (tools, ...params) => sequence((n) => tools.budget.step(n), params)),
};
