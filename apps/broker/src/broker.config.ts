import { type Environment, readConfig } from '@flotilla/config';
import { z } from 'zod';

/** The broker's variables. */
export const brokerConfigSchema = z.object({
  brokerConcurrency: z.coerce.number().int().min(1).max(64).default(8).meta({ description: 'SecretGrants that are read at the same time' }),
  brokerSecretsDir: z
    .string()
    .optional()
    .meta({ description: 'Directory that stores with provider `file` read below; without it there are none' }),
  brokerAllowAddresses: z
    .string()
    .optional()
    .transform((text) => (text ? text.split(',').map((range) => range.trim()) : []))
    .meta({
      env: 'FLOTILLA_BROKER_ALLOW_ADDRESSES',
      description: 'CIDR ranges where providers may be besides public addresses, comma-separated, such as 10.0.0.0/8',
    }),
  probeHost: z.string().default('127.0.0.1').meta({ description: 'Address of /healthz, /readyz and /metrics' }),
  probePort: z.coerce.number().int().min(0).max(65_535).default(9095).meta({ description: 'Their port; 0 for any free one' }),
});

export interface BrokerConfig {
  readonly concurrency: number;
  /** Of provider `file`. */
  readonly secretsDir: string | undefined;
  /** CIDR ranges. */
  readonly allowAddresses: readonly string[];
  readonly probeHost: string;
  readonly probePort: number;
}

export function readBrokerConfig(env: Environment): BrokerConfig {
  const { brokerConcurrency, brokerSecretsDir, brokerAllowAddresses, ...probes } = readConfig(brokerConfigSchema, env);
  return Object.freeze({ concurrency: brokerConcurrency, secretsDir: brokerSecretsDir, allowAddresses: brokerAllowAddresses, ...probes });
}
