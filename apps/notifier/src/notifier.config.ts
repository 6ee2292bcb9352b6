import { type Environment, readConfig } from '@flotilla/config';
import { z } from 'zod';

/** The notifier's variables. */
export const notifierConfigSchema = z.object({
  notifierConcurrency: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(32)
    .meta({ description: 'Messages that are sent at the same time, at most 8 of them through one service that reaches people' }),
  notifierStormLimit: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(20)
    .meta({ description: 'Messages of one trigger to one recipient per minute; the others of the minute become one that counts them' }),
  notifierMaxBacklog: z.coerce
    .number()
    .int()
    .min(100)
    .max(1_000_000)
    .default(20_000)
    .meta({ description: 'Messages that may wait for one service; more become dead letters, which can be replayed' }),
  notifierAllowAddresses: z
    .string()
    .optional()
    .transform((text) => (text ? text.split(',').map((range) => range.trim()) : []))
    .meta({
      env: 'FLOTILLA_NOTIFIER_ALLOW_ADDRESSES',
      description: 'CIDR ranges that services may be at besides public addresses, comma-separated, such as 10.0.0.0/8',
    }),
  probeHost: z.string().default('127.0.0.1').meta({ description: 'Address of /healthz, /readyz and /metrics' }),
  probePort: z.coerce.number().int().min(0).max(65_535).default(9090).meta({ description: 'Their port; 0 for any free one' }),
});

export interface NotifierConfig {
  readonly concurrency: number;
  readonly stormLimit: number;
  readonly maxBacklog: number;
  /** CIDR ranges. */
  readonly allowAddresses: readonly string[];
  readonly probeHost: string;
  readonly probePort: number;
}

export function readNotifierConfig(env: Environment = process.env): NotifierConfig {
  const read = readConfig(notifierConfigSchema, env);
  return Object.freeze({
    concurrency: read.notifierConcurrency,
    stormLimit: read.notifierStormLimit,
    maxBacklog: read.notifierMaxBacklog,
    allowAddresses: read.notifierAllowAddresses,
    probeHost: read.probeHost,
    probePort: read.probePort,
  });
}
