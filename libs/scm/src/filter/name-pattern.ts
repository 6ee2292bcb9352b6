import { messageOf } from '@flotilla/kernel';
import { RE2JS } from 're2js';
import { ScmSpecError } from '../scm.errors.js';

export interface NamePattern {
  /** Found anywhere in the text: a pattern without `^` and `$` is not anchored. */
  test(text: string): boolean;
}

const MAX_PATTERN = 4096;

/** A regular expression in Go's syntax and meaning, matched in linear time. @param field where it stands, for the error */
export function compilePattern(pattern: string, field: string): NamePattern {
  if (pattern.length > MAX_PATTERN) throw new ScmSpecError(`${field}: the expression is longer than ${MAX_PATTERN} characters`, { field });
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new ScmSpecError(`${field}: ${JSON.stringify(pattern)} is not a regular expression of Go's RE2 syntax: ${messageOf(error)}`, {
      field,
    });
  }
}
