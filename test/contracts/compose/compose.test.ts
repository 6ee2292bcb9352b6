import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeConfig } from '@flotilla/config';
import { HUB_SERVICES } from '@flotilla/contracts';
import { parseYaml } from '@flotilla/yaml';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { CONFIG_SCHEMAS, type ConfigSchemaName } from '../reference/config-schemas.js';
import { type ComposeFile, composeFileSchema } from './compose-file.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const raw = parseYaml(text, { file: 'docker-compose.yml' })[0];
const file = composeFileSchema.parse(raw);
const services = Object.entries(file.services);

/** Variables of images that are not ours. */
const FOREIGN = ['POSTGRES_USER', 'POSTGRES_DB', 'POSTGRES_PASSWORD'];

describe('docker-compose.yml', () => {
  it('fits the Compose specification, which would refuse a misspelt field', () => {
    const schema = JSON.parse(readFileSync(new URL('./recorded/compose-spec.schema.json', import.meta.url), 'utf8')) as object;
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const fits = ajv.compile(schema);
    const faults = (document: unknown) => (fits(document) ? [] : fits.errors!.map(({ params }) => Object.values(params).join()));
    expect(faults(raw)).toEqual([]);
    const planted = structuredClone(raw) as ComposeFile & Record<string, unknown>;
    Object.assign(planted.services.gateway!, { portz: ['1:1'] });
    expect(faults(planted)).toContain('portz');
    expect(faults({ ...(raw as object), service: {} })).toContain('service');
    expect(faults({ ...(raw as object), 'x-more': {} })).toEqual([]);
  });

  it('has PostgreSQL, NATS and every service of the hub, each with the program it names', () => {
    expect(services.map(([name]) => name)).toEqual(expect.arrayContaining(['postgres', 'nats', ...HUB_SERVICES]));
    for (const service of HUB_SERVICES) {
      const program = file.services[service]?.command?.[0] ?? '';
      expect(program).toBe(`apps/${service}/dist/src/main.js`);
      expect(existsSync(join(ROOT, program.replace('/dist/', '/').replace(/\.js$/, '.ts'))), program).toBe(true);
    }
  });

  it.each(services)('sets for %s only variables that a schema knows, and all that it requires', (name, { environment = {} }) => {
    const own = name in CONFIG_SCHEMAS ? (name as ConfigSchemaName) : undefined;
    const isHub = (HUB_SERVICES as readonly string[]).includes(name);
    const rows = [...(own ? [own] : []), ...(isHub ? (['platform'] as const) : [])].flatMap((key) =>
      describeConfig(CONFIG_SCHEMAS[key].schema),
    );
    const known = [...rows.map(({ variable }) => variable), ...FOREIGN];
    expect(Object.keys(environment).filter((variable) => !known.includes(variable))).toEqual([]);
    expect(rows.filter(({ variable, required }) => required && !(variable in environment)).map(({ variable }) => variable)).toEqual([]);
  });

  it('declares every network, volume, secret, service and Dockerfile that it refers to', () => {
    for (const [, service] of services) {
      expect(Object.keys(file.networks)).toEqual(expect.arrayContaining(service.networks ?? []));
      expect(Object.keys(file.volumes)).toEqual(expect.arrayContaining((service.volumes ?? []).map((mount) => mount.split(':')[0])));
      expect(Object.keys(file.secrets)).toEqual(expect.arrayContaining(service.secrets ?? []));
      expect(Object.keys(file.services)).toEqual(expect.arrayContaining(Object.keys(service.depends_on ?? {})));
      if (service.build) expect(existsSync(join(ROOT, service.build.dockerfile))).toBe(true);
    }
  });

  it('runs our containers without root, capabilities or a writable file system, and gives the keys only to those that need them', () => {
    for (const [name, service] of services.filter(([, { image }]) => image.startsWith('flotilla/'))) {
      expect({ readOnly: service.read_only, drop: service.cap_drop, options: service.security_opt }, name).toEqual({
        readOnly: true,
        drop: ['ALL'],
        options: ['no-new-privileges:true'],
      });
    }
    const mounting = (volume: string): string[] =>
      services.filter(([, { volumes = [] }]) => volumes.some((mount) => mount.startsWith(`${volume}:`))).map(([name]) => name);
    expect(mounting('authority')).toEqual(['prepare']);
    expect(mounting('keys').toSorted()).toEqual(['prepare', ...HUB_SERVICES].toSorted());
    expect(text).not.toMatch(/(PASSWORD|TOKEN|KEY): [^$/\s]/);
  });
});

describe.each(globSync('deploy/images/*.Dockerfile', { cwd: ROOT }))('%s', (path) => {
  const lines = readFileSync(join(ROOT, path), 'utf8').split('\n');
  const stages = lines.filter((line) => line.startsWith('FROM '));

  it('pins its base images, ends as an unprivileged user and starts its program without a shell', () => {
    for (const stage of stages) expect(stage).toMatch(/^FROM [a-z]+:\d+[\w.-]+( AS \w+)?$/);
    const last = lines.slice(lines.lastIndexOf(stages.at(-1)!));
    expect(last.filter((line) => line.startsWith('USER '))).toEqual(['USER node']);
    expect(last.find((line) => line.startsWith('ENTRYPOINT '))).toMatch(/^ENTRYPOINT \["node", /);
  });

  it('copies and builds only what is there', () => {
    const copied = lines.filter((line) => line.startsWith('COPY deploy/')).flatMap((line) => line.split(' ').slice(1, -1));
    const built = lines.flatMap((line) => [...line.matchAll(/(?:--workspace=| )(apps\/[a-z]+)(?=[\s]|$)/g)].map((match) => match[1]!));
    for (const place of [...copied, ...built]) expect(existsSync(join(ROOT, place)), place).toBe(true);
    expect(built.length).toBeGreaterThan(0);
  });
});
