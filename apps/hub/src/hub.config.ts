import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig } from '@flotilla/config';
import { InvalidInputError } from '@flotilla/kernel';
import { z } from 'zod';

const port = z.coerce.number().int().min(1).max(65_535);
const SYSTEM_DATA = '/var/lib/flotilla';

/** Variables of the hub itself; each service's own are in its `*.config.ts`. */
export const hubConfigSchema = z.object({
  data: z.string().optional().meta({
    description: 'Directory of everything the hub keeps on this machine (default: .flotilla/hub, as root /var/lib/flotilla/hub)',
  }),
  host: z.string().default('127.0.0.1').meta({ description: 'Address the HTTPS, gRPC and NATS listeners bind to' }),
  httpsPort: port.default(8443).meta({ description: 'Port for kubectl, REST, webhooks, agents that enrol' }),
  grpcPort: port.default(8444).meta({ description: 'Port of the gRPC API' }),
  natsPort: port.default(4222).meta({ description: 'Port agents dial when the hub runs its own NATS server' }),
  publicHosts: z
    .string()
    .default('localhost,127.0.0.1')
    .transform((text) => text.split(',').map((host) => host.trim()))
    .meta({
      description: 'Names and addresses of this hub, the first one goes into join tokens; all are in its certificate',
    }),
  fleet: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a DNS label')
    .default('flotilla')
    .meta({ description: 'Name of the fleet; agents label every object they manage with it' }),
  databaseUrl: z
    .string()
    .optional()
    .meta({ env: 'DATABASE_URL', description: 'PostgreSQL to use instead of one of our own', secret: true }),
  natsUrl: z.string().optional().meta({
    env: 'NATS_URL',
    description:
      'NATS server to use instead of one of our own; it must trust the operator that the master key gives (docs/architecture.md)',
  }),
});

export type HubConfig = Readonly<Omit<z.output<typeof hubConfigSchema>, 'data'> & { data: string }>;

const FLAGS = {
  data: 'FLOTILLA_DATA',
  host: 'FLOTILLA_HOST',
  'https-port': 'FLOTILLA_HTTPS_PORT',
  'grpc-port': 'FLOTILLA_GRPC_PORT',
  'nats-port': 'FLOTILLA_NATS_PORT',
  fleet: 'FLOTILLA_FLEET',
} as const;

/** Command line over environment over defaults. */
export function readHubConfig(args: readonly string[], env: Readonly<Record<string, string | undefined>>): HubConfig {
  const options = Object.fromEntries(Object.keys(FLAGS).map((name) => [name, { type: 'string' as const }]));
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({ args: [...args], options }) as { values: Record<string, string | undefined> });
  } catch (error) {
    throw new InvalidInputError(
      `${(error as Error).message}; known options: ${Object.keys(FLAGS)
        .map((name) => `--${name}`)
        .join(', ')}`,
    );
  }
  const given = Object.fromEntries(
    Object.entries(FLAGS).flatMap(([flag, variable]) => (typeof values[flag] === 'string' ? [[variable, values[flag]]] : [])),
  );
  const config = readConfig(hubConfigSchema, { ...env, ...given });
  return Object.freeze({ ...config, data: resolve(config.data ?? defaultData()) });
}

/** As root the data must lie where PostgreSQL's unprivileged account can reach it, which a checkout below /root is not. */
function defaultData(): string {
  const isRoot = process.getuid?.() === 0;
  return isRoot && (existsSync(SYSTEM_DATA) || process.platform === 'linux') ? join(SYSTEM_DATA, 'hub') : '.flotilla/hub';
}
