import { InvalidInputError } from '@flotilla/kernel';
import type { z } from 'zod';
import { variableOf } from './variable.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables of a schema once, at start, into a frozen object. A variable that is set to nothing counts as
 * unset. Every wrong variable is named in one error; values are never shown: each of them may be a secret.
 */
export function readConfig<Schema extends z.ZodObject>(schema: Schema, env: Environment): Readonly<z.output<Schema>> {
  const input: Record<string, string> = {};
  for (const [key, field] of Object.entries(schema.shape)) {
    const text = env[variableOf(key, field)];
    if (text !== undefined && text !== '') input[key] = text;
  }
  const result = schema.safeParse(input);
  if (result.success) return deepFreeze(result.data);
  const problems = result.error.issues.map(({ path, message }) => {
    const key = String(path[0] ?? '');
    const field = schema.shape[key];
    const variable = field ? variableOf(key, field) : key;
    return key in input || !field ? `${variable}: ${message}` : `${variable} is not set`;
  });
  throw new InvalidInputError(`the configuration is not usable: ${problems.join('; ')}`, { problems });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
