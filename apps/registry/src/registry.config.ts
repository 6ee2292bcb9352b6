import { readFileSync } from 'node:fs';
import { type Environment, readConfig } from '@flotilla/config';
import { parseDuration } from '@flotilla/kernel';
import { certificateDigest } from '@flotilla/tls';
import { z } from 'zod';

const durationMs = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text) => parseDuration(text));

/** Variables of the registry. Durations are Go text. */
export const registryConfigSchema = z.object({
  fleet: z.string().default('flotilla').meta({ description: 'Name of the fleet; agents label every object they manage with it' }),
  publicUrl: z.string().default('https://localhost:8443').meta({ description: 'URL of the hub that goes into join tokens' }),
  caFile: z.string().optional().meta({ description: "PEM file of the hub's CA certificate; its hash goes into join tokens" }),
  natsPublicUrls: z
    .string()
    .default('tls://localhost:4222')
    .transform((text) => text.split(',').map((url) => url.trim()))
    .meta({ description: 'NATS URLs agents dial, separated by commas' }),
  natsCaFile: z.string().optional().meta({ description: 'PEM file of the CA agents trust for NATS' }),
  beatInterval: durationMs('60s').meta({ description: 'How often an agent says that it lives; the lease is three of them' }),
  snapshotDelay: durationMs('30s').meta({ description: 'Agents spread their first complete report over this time' }),
  probeHost: z.string().default('127.0.0.1').meta({ description: 'Address of /healthz, /readyz and /metrics' }),
  probePort: z.coerce.number().int().min(0).max(65_535).default(9090).meta({ description: 'Their port; 0 for any free one' }),
  credentialLifetime: durationMs('24h').meta({ description: 'How long a credential of an agent is good before it is renewed' }),
});

/** What the registry runs with. */
export interface RegistryConfig {
  readonly fleet: string;
  readonly publicUrl: string;
  /** sha256 (hex) of the DER of the hub's CA certificate; empty when agents trust it by other means. */
  readonly caDigest: string;
  readonly natsPublicUrls: readonly string[];
  /** PEM */
  readonly natsCa?: string;
  readonly beatIntervalMs: number;
  readonly leaseMs: number;
  readonly snapshotDelayMs: number;
  readonly credentialLifetimeMs: number;
  readonly probeHost: string;
  readonly probePort: number;
}

/** A lease is this many intervals: one lost beat must not look like a lost spoke. */
const INTERVALS_PER_LEASE = 3;

export function readRegistryConfig(env: Environment): RegistryConfig {
  const { caFile, natsCaFile, beatInterval, snapshotDelay, credentialLifetime, ...rest } = readConfig(registryConfigSchema, env);
  return Object.freeze({
    ...rest,
    caDigest: caFile ? certificateDigest(readFileSync(caFile, 'utf8')) : '',
    natsCa: natsCaFile ? readFileSync(natsCaFile, 'utf8') : undefined,
    beatIntervalMs: beatInterval,
    leaseMs: beatInterval * INTERVALS_PER_LEASE,
    snapshotDelayMs: snapshotDelay,
    credentialLifetimeMs: credentialLifetime,
  });
}
