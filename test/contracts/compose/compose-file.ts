import { z } from 'zod';

/** The form our own file keeps to, narrower than the specification: one spelling per thing, so that the tests can read it. */
const texts = z.array(z.string());
const duration = z.string().regex(/^(\d+(us|ms|s|m|h))+$/);
const port = z.string().regex(/^((\d{1,3}\.){3}\d{1,3}:)?\d+:\d+(\/(tcp|udp))?$/);
/** Short syntax: `volume:/path[:ro]`. */
const mount = z.string().regex(/^[a-z0-9_.-]+:\/[^:]+(:r[ow])?$/);

const healthcheck = z.strictObject({
  test: z.tuple([z.literal('CMD')], z.string()),
  interval: duration.optional(),
  timeout: duration.optional(),
  retries: z.number().int().positive().optional(),
  start_period: duration.optional(),
});

const service = z.strictObject({
  image: z.string().regex(/^[a-z0-9./-]+:[\w.-]+$/, 'must be pinned to a tag'),
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  profiles: texts.optional(),
  command: texts.optional(),
  user: z.string().optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']).optional(),
  read_only: z.boolean().optional(),
  cap_drop: texts.optional(),
  security_opt: texts.optional(),
  tmpfs: texts.optional(),
  network_mode: z.enum(['none', 'host']).optional(),
  networks: texts.optional(),
  environment: z.record(z.string(), z.string()).optional(),
  ports: z.array(port).optional(),
  volumes: z.array(mount).optional(),
  secrets: texts.optional(),
  healthcheck: healthcheck.optional(),
  depends_on: z
    .record(z.string(), z.strictObject({ condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']) }))
    .optional(),
});

const nothing = z.strictObject({});

export const composeFileSchema = z
  .object({
    name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
    services: z.record(z.string().regex(/^[a-zA-Z0-9._-]+$/), service),
    networks: z.record(z.string(), z.strictObject({ internal: z.boolean().optional() })),
    volumes: z.record(z.string(), nothing),
    secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
  })
  .catchall(z.unknown())
  .refine((file) => Object.keys(file).every((key) => key in OWN_KEYS || key.startsWith('x-')), 'has an unknown key at the top');

const OWN_KEYS: Readonly<Record<string, true>> = { name: true, services: true, networks: true, volumes: true, secrets: true };

export type ComposeFile = z.infer<typeof composeFileSchema>;
export type ComposeService = ComposeFile['services'][string];
