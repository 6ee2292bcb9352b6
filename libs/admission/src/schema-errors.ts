import type { z } from 'zod';
import { type FieldError, REQUIRED } from './admission.js';

/** The errors of a schema in the words of documents: one per field, a missing one as "is required". */
export function schemaErrors(issues: readonly z.core.$ZodIssue[], value: unknown): FieldError[] {
  return issues.map((issue) => ({ field: fieldPath(issue.path), message: describe(issue, valueAt(value, issue.path)) }));
}

export function fieldPath(path: readonly PropertyKey[]): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? String(key) : `.${String(key)}`)).join('');
}

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return REQUIRED;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${nameOf(issue.expected)}, not ${kindOf(value)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map((allowed) => JSON.stringify(allowed)).join(', ')}, not ${kindOf(value)}`;
    case 'invalid_union':
      return `has a wrong type: ${kindOf(value)}`;
    default:
      return issue.message.replace(/^./, (first) => first.toLowerCase());
  }
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'text (put it in quotes)',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};
const nameOf = (expected: string): string => NAMES[expected] ?? expected;

/** The type of a value, and a short scalar itself; longer text may hold a secret. */
function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value !== 'string') return `${typeof value} ${String(value)}`;
  return value.length <= 40 ? `the text ${JSON.stringify(value)}` : 'a text';
}

export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (node === null || typeof node !== 'object' ? undefined : (node as Record<PropertyKey, unknown>)[key]),
    value,
  );
}
