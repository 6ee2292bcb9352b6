import { GoDuration, GoTime } from '@flotilla/templating';
import type { ExprBudget } from './evaluate/budget.js';
import { ExprFailedError } from './expr.errors.js';

/** A function that expressions can call; arguments are not checked before. */
export class ExprFunction {
  readonly call: (args: readonly unknown[], budget: ExprBudget) => unknown;

  constructor(call: (args: readonly unknown[], budget: ExprBudget) => unknown) {
    this.call = call;
  }
}

export type Mapping = Readonly<Record<string, unknown>>;

/** A JSON map, and none of the values with methods. */
export function isMapping(value: unknown): value is Mapping {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof GoTime || value instanceof GoDuration || value instanceof ExprFunction)
  );
}

/** A missing member is nil. */
export const nilOf = (value: unknown): unknown => (value === undefined ? null : value);

/** Go's name for the kind of value, for errors. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (Array.isArray(value)) return 'array';
  if (value instanceof ExprFunction) return 'func';
  if (value instanceof GoTime) return 'time.Time';
  if (value instanceof GoDuration) return 'time.Duration';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return typeof value === 'object' ? 'map' : 'string';
}

const refuse = (what: string, wanted: string, value: unknown): ExprFailedError =>
  new ExprFailedError(`${what} takes ${wanted}, not ${typeName(value)}`);

export function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string') throw refuse(what, 'a text', value);
  return value;
}

export function numberOf(value: unknown, what: string): number {
  if (typeof value !== 'number') throw refuse(what, 'a number', value);
  return value;
}

export function integerOf(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw refuse(what, 'a whole number', value);
  return value;
}

export function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw refuse(what, 'a list', value);
  return value;
}

export function mappingOf(value: unknown, what: string): Mapping {
  if (!isMapping(value)) throw refuse(what, 'a map', value);
  return value;
}

export function boolOf(value: unknown, what: string): boolean {
  if (typeof value !== 'boolean') throw refuse(what, 'true or false', value);
  return value;
}
