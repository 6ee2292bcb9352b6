import { ExprFailedError } from '../expr.errors.js';
import { ExprFunction, numberOf, typeName } from '../values.js';

const numbersOf = (args: readonly unknown[], name: string): number[] => {
  const numbers = args.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value])).map((value) => numberOf(value, name));
  if (numbers.length === 0) throw new ExprFailedError(`${name} needs a number`);
  return numbers;
};
const ofNumber = (name: string, change: (value: number) => number): ExprFunction =>
  new ExprFunction(([value]) => change(numberOf(value, name)));

/** Go rounds halves away from zero. */
const round = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));

function readInt(value: unknown): number {
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'string' && /^[+-]?\d+$/.test(value)) return Number(value);
  throw new ExprFailedError(`int takes a number or the text of one, not ${typeName(value)}`);
}

function readFloat(value: unknown): number {
  const read = typeof value === 'string' && value.trim() === value && value !== '' ? Number(value) : value;
  if (typeof read === 'number' && !Number.isNaN(read)) return read;
  throw new ExprFailedError(`float takes a number or the text of one, not ${typeName(value)}`);
}

export const numberBuiltins: Readonly<Record<string, ExprFunction>> = {
  abs: ofNumber('abs', Math.abs),
  ceil: ofNumber('ceil', Math.ceil),
  floor: ofNumber('floor', Math.floor),
  round: ofNumber('round', round),
  int: new ExprFunction(([value]) => readInt(value)),
  float: new ExprFunction(([value]) => readFloat(value)),
  max: new ExprFunction((args) => numbersOf(args, 'max').reduce((a, b) => Math.max(a, b))),
  min: new ExprFunction((args) => numbersOf(args, 'min').reduce((a, b) => Math.min(a, b))),
  mean: new ExprFunction((args) => {
    const numbers = numbersOf(args, 'mean');
    return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  }),
  type: new ExprFunction(([value]) => typeName(value)),
};
