import { RE2JS, RE2JSException } from 're2js';
import { ExprFailedError } from '../expr.errors.js';
import type { ExprBudget } from './budget.js';

const MAX_PATTERN = 1_000;
const MAX_INSTRUCTIONS = 5_000;
/** Characters times instructions that one step pays for. */
const WORK_PER_STEP = 256;

/** Whether RE2 finds the pattern in the text: linear in the text, whatever the pattern. @throws ExprFailedError, ExprLimitError */
export function matchesPattern(pattern: string, text: string, budget: ExprBudget): boolean {
  if (pattern.length > MAX_PATTERN) throw new ExprFailedError(`a regular expression has at most ${MAX_PATTERN} characters`);
  budget.step(pattern.length);
  const compiled = compile(pattern);
  const size = compiled.programSize();
  if (size > MAX_INSTRUCTIONS) throw new ExprFailedError('the regular expression is too large');
  budget.step(1 + Math.ceil((text.length * size) / WORK_PER_STEP));
  return compiled.matcher(text).find();
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) throw new ExprFailedError(error.message);
    throw error;
  }
}
