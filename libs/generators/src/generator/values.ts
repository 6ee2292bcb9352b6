import { compileFiller } from '@flotilla/templating';
import { z } from 'zod';
import type { Params } from './params.js';

/** `values` of a generator: texts that may refer to the parameters beside them, never to each other. */
export const valuesSchema = z.record(z.string(), z.string()).nullable().optional();

/** Adds `values.<name>` to a parameter set. What a value refers to in vain stays as written. */
export function withValues(params: Record<string, unknown>, values: Record<string, string> | null | undefined): Params {
  if (!values) return params;
  const before = { ...params };
  for (const [name, text] of Object.entries(values)) {
    params[`values.${name}`] = compileFiller(text).fill((parameter) => (Object.hasOwn(before, parameter) ? before[parameter] : undefined));
  }
  return params;
}
