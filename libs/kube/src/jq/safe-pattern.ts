import { PathExpressionError } from './path-expression.errors.js';

const MAX_PATTERN = 200;
/** Texts longer than this match nothing: two open repetitions over a text take time by its square. */
export const MAX_TESTED_CHARS = 2_000;
const MAX_REPETITIONS = 2;

/**
 * Takes a pattern of `test` only if a backtracking engine cannot be made to run for long by it: no repeated groups, no counted
 * repetitions, no references or look-arounds, and at most two `*`, `+` or `?`. @throws PathExpressionError
 */
export function checkPattern(pattern: unknown): RegExp {
  if (typeof pattern !== 'string' || pattern.length > MAX_PATTERN) {
    throw new PathExpressionError(`test takes a literal pattern of at most ${MAX_PATTERN} characters`);
  }
  const plain = pattern.replace(/\\[^0-9kpPuxc]/g, 'x').replace(/\[[^\]]*\]/g, 'x');
  const repetitions = plain.match(/[*+?]/g)?.length ?? 0;
  if (/\\|\(\?|\)[*+?{]|\{/.test(plain) || repetitions > MAX_REPETITIONS) {
    throw new PathExpressionError(`test(${JSON.stringify(pattern)}): only characters, classes, groups and at most two of * + ? are taken`);
  }
  try {
    return new RegExp(pattern, 'u');
  } catch {
    throw new PathExpressionError(`test(${JSON.stringify(pattern)}): not a regular expression`);
  }
}
