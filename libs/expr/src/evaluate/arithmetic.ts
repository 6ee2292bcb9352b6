import { GoDuration, GoTime } from '@flotilla/templating';
import { ExprFailedError } from '../expr.errors.js';
import { typeName } from '../values.js';
import type { ExprBudget } from './budget.js';

/** Elements of one range. */
const MAX_RANGE = 10_000;

/** `+ - * / % ** ..` of numbers, texts, times and durations. @throws ExprFailedError for other operands */
export function calculate(operator: string, a: unknown, b: unknown, budget: ExprBudget): unknown {
  if (operator === '+' && typeof a === 'string' && typeof b === 'string') {
    budget.text(a.length + b.length);
    return a + b;
  }
  if (typeof a === 'number' && typeof b === 'number') {
    return operator === '..' ? range(a, b, budget) : ofNumbers(operator, a, b);
  }
  const moved = ofTimes(operator, a, b);
  if (moved === undefined) throw new ExprFailedError(`invalid operation: ${typeName(a)} ${operator} ${typeName(b)}`);
  return moved;
}

function ofNumbers(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '**':
      return a ** b;
    default:
      if (b === 0) throw new ExprFailedError('integer divide by zero');
      if (!Number.isInteger(a) || !Number.isInteger(b)) throw new ExprFailedError('invalid operation: % of fractions');
      return a % b;
  }
}

function ofTimes(operator: string, a: unknown, b: unknown): GoTime | GoDuration | undefined {
  if (operator === '*') {
    const [factor, duration] = a instanceof GoDuration ? [b, a] : [a, b];
    if (typeof factor !== 'number' || !(duration instanceof GoDuration)) return undefined;
    return new GoDuration(Number.isInteger(factor) ? BigInt(factor) * duration.nanos : BigInt(Math.trunc(factor * Number(duration.nanos))));
  }
  if (operator === '+') {
    if (a instanceof GoTime && b instanceof GoDuration) return a.add(b.nanos);
    if (a instanceof GoDuration && b instanceof GoTime) return b.add(a.nanos);
    return a instanceof GoDuration && b instanceof GoDuration ? new GoDuration(a.nanos + b.nanos) : undefined;
  }
  if (operator !== '-') return undefined;
  if (a instanceof GoTime && b instanceof GoTime) return new GoDuration(a.nanos - b.nanos);
  if (a instanceof GoTime && b instanceof GoDuration) return a.add(-b.nanos);
  return a instanceof GoDuration && b instanceof GoDuration ? new GoDuration(a.nanos - b.nanos) : undefined;
}

function range(from: number, to: number, budget: ExprBudget): number[] {
  const length = Math.max(0, Math.trunc(to) - Math.trunc(from) + 1);
  if (!(length <= MAX_RANGE)) throw new ExprFailedError(`a range has at most ${MAX_RANGE} elements`);
  budget.step(length);
  return Array.from({ length }, (_, i) => Math.trunc(from) + i);
}
