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
  generatorAllowAddresses: z
    .string()
    .optional()
    .transform((text) => (text ? text.split(',').map((range) => range.trim()) : []))
    .meta({
      env: 'FLOTILLA_GENERATOR_ALLOW_ADDRESSES',
      description: 'CIDR ranges that generators may ask besides public and private ones, comma-separated, such as 127.0.0.1/32',
    }),
  newGitFileGlobbing: z.stringbool().default(false).meta({
    env: 'FLOTILLA_NEW_GIT_FILE_GLOBBING',
    description:
      'Git generators read patterns of files as Argo CD does with its new git file globbing: `*` stays in its directory, `**` crosses them',
  }),
  probeHost: z.string().default('127.0.0.1').meta({ description: 'Address of /healthz, /readyz and /metrics' }),
  probePort: z.coerce.number().int().min(0).max(65_535).default(9090).meta({ description: 'Their port; 0 for any free one' }),
});

export interface ExpanderConfig {
  readonly concurrency: number;
  /** CIDR ranges. */
  readonly allowAddresses: readonly string[];
  /** Patterns of files as in Argo CD's new git file globbing; git pathspecs when absent. */
  readonly newGitFileGlobbing?: boolean;
  readonly probeHost: string;
  readonly probePort: number;
}

export function readExpanderConfig(env: Environment = process.env): ExpanderConfig {
  const { expanderConcurrency, generatorAllowAddresses, ...probes } = readConfig(expanderConfigSchema, env);
  return Object.freeze({ concurrency: expanderConcurrency, allowAddresses: generatorAllowAddresses, ...probes });
}
