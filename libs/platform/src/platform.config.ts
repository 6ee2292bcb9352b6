import { type Environment, readConfig } from '@flotilla/config';
import { loadOrCreateMasterKey, parseMasterKey } from '@flotilla/keyring';
import { z } from 'zod';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** What every service of the hub needs to reach the others. */
export const platformConfigSchema = z.object({
  databaseUrl: z.string().meta({ env: 'DATABASE_URL', description: 'PostgreSQL >= 15', secret: true }),
  natsUrl: z
    .string()
    .transform((text) => text.split(',').map((url) => url.trim()))
    .meta({ env: 'NATS_URL', description: 'NATS servers of the fleet, comma-separated' }),
  natsCa: z.string().optional().meta({ env: 'NATS_CA', description: 'PEM file of the CA of the NATS servers; set, TLS is required' }),
  masterKey: z
    .string()
    .optional()
    .meta({ env: 'FLOTILLA_MASTER_KEY', description: 'Master key, base64 of 32 bytes; wins over the file', secret: true }),
  masterKeyFile: z
    .string()
    .optional()
    .meta({ env: 'FLOTILLA_MASTER_KEY_FILE', description: 'File of the master key, mode 0600; made when it is missing' }),
  fleet: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a DNS label')
    .default('flotilla')
    .meta({ description: 'Name of the fleet; agents label every object they manage with it' }),
  logLevel: z
    .enum(LOG_LEVELS)
    .default('info')
    .meta({ description: `One of ${LOG_LEVELS.join(', ')}` }),
  otlpEndpoint: z
    .string()
    .optional()
    .meta({ env: 'OTEL_EXPORTER_OTLP_ENDPOINT', description: 'Base URL of an OTLP/HTTP collector for traces; unset, none are sent' }),
  databaseConnections: z.coerce
    .number()
    .int()
    .min(2)
    .max(200)
    .default(10)
    .meta({ description: 'PostgreSQL connections of this process at most' }),
});

export interface PlatformConfig {
  databaseUrl: string;
  natsUrls: readonly string[];
  natsCaFile?: string;
  masterKey: Uint8Array;
  fleet: string;
  otlpEndpoint?: string;
  logLevel: (typeof LOG_LEVELS)[number];
  databaseConnections: number;
}

export function readPlatformConfig(env: Environment): PlatformConfig {
  const { natsUrl, natsCa, masterKey, masterKeyFile = '.flotilla/master.key', ...rest } = readConfig(platformConfigSchema, env);
  const key = masterKey ? parseMasterKey(masterKey, 'FLOTILLA_MASTER_KEY') : loadOrCreateMasterKey(masterKeyFile);
  return { ...rest, natsUrls: natsUrl, natsCaFile: natsCa, masterKey: key };
}
