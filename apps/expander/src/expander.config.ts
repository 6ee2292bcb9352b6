import { type Environment, readConfig } from '@flotilla/config';
import { z } from 'zod';

/** The expander's variables. */
export const expanderConfigSchema = z.object({
  expanderConcurrency: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(4)
    .meta({ description: 'ApplicationSets that are expanded at the same time' }),
});

export interface ExpanderConfig {
  concurrency: number;
}

export function readExpanderConfig(env: Environment = process.env): ExpanderConfig {
  const { expanderConcurrency } = readConfig(expanderConfigSchema, env);
  return Object.freeze({ concurrency: expanderConcurrency });
}
