import { GoDuration, GoTime } from '@flotilla/templating';
import { ExprFailedError } from '../expr.errors.js';
import { isMapping, typeName } from '../values.js';
import type { ExprBudget } from './budget.js';

/** expr-lang's `==`: values of different kinds differ, lists and maps are compared member by member. */
export function isEqual(a: unknown, b: unknown, budget: ExprBudget): boolean {
  budget.step();
  if (typeof a === 'string') {
    // Long texts are compared as long.
    budget.step(Math.ceil(a.length / 1_000));
    return a === b;
  }
  if (a instanceof GoTime) return b instanceof GoTime && a.nanos === b.nanos;
  if (a instanceof GoDuration) return b instanceof GoDuration && a.nanos === b.nanos;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i], budget));
  if (isMapping(a)) {
    if (!isMapping(b)) return false;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key], budget));
  }
  return (a ?? null) === (b ?? null);
}

/** Negative, zero or positive, NaN where numbers cannot be ordered. @throws ExprFailedError for values without an order */
export function compareValues(a: unknown, b: unknown, operator: string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if ((a instanceof GoTime && b instanceof GoTime) || (a instanceof GoDuration && b instanceof GoDuration)) {
    return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  }
  throw new ExprFailedError(`invalid operation: ${typeName(a)} ${operator} ${typeName(b)}`);
}
