import type { z } from 'zod';
import { metaOf, variableOf } from './variable.js';

/** A row of the generated configuration reference. */
export interface ConfigRow {
  variable: string;
  description: string;
  required: boolean;
  /** Text of the default; empty where there is none or it is a secret. */
  default: string;
}

/** The rows of a schema in its order; a test asks that every row has a description. */
export function describeConfig(schema: z.ZodObject): ConfigRow[] {
  return Object.entries(schema.shape).map(([key, field]) => {
    const type = field as z.ZodType;
    const whenUnset = type.safeParse(undefined);
    const { description = '', secret = false } = metaOf(field);
    return {
      variable: variableOf(key, field),
      description,
      required: !whenUnset.success,
      default: whenUnset.success && whenUnset.data !== undefined && !secret ? String(whenUnset.data) : '',
    };
  });
}
