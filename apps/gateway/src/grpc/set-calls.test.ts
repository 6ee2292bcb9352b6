import { fileURLToPath } from 'node:url';
import { FakeBlobStore } from '@flotilla/blobs/testing';
import { GeneratorInputError, type SetTrace } from '@flotilla/generators';
import { digestBytes, ForbiddenError, InvalidInputError, ManualClock, NotFoundError } from '@flotilla/kernel';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { FakeResourceStore } from '@flotilla/resources/testing';
import type { PlanReport } from '@flotilla/setplan';
import { createLogger } from '@flotilla/telemetry';
import { createAuthority, issueServerCertificate } from '@flotilla/tls';
import { credentials, type GrpcObject, loadPackageDefinition, Metadata, type ServiceClientConstructor, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UnauthenticatedError } from '../auth/auth.errors.js';
import { setVerbs } from '../verbs/set-verbs.js';
import { type GrpcDoor, serveGrpc } from './grpc-server.js';
import { setCalls } from './set-calls.js';

type Item = Record<string, Record<string, unknown>> & { item: string };
interface Reading {
  on(event: 'data', listener: (item: Item) => void): Reading;
  on(event: 'error', listener: (error: unknown) => void): Reading;
  on(event: 'end', listener: () => void): Reading;
}

const PROTO = fileURLToPath(new URL('../../proto', import.meta.url));
const bus = new FakeMessageBus();
const blobs = new FakeBlobStore();
let door: GrpcDoor;
let client: InstanceType<ServiceClientConstructor>;

beforeAll(async () => {
  const now = Date.now();
  const authority = await createAuthority('grpc test', now);
  const { certificate, key } = await issueServerCertificate(authority, ['localhost'], now);
  door = await serveGrpc({
    host: '127.0.0.1',
    port: 0,
    tls: { certificate, key },
    services: { 'flotilla.v1.ApplicationSets': setCalls(setVerbs(new FakeResourceStore({ clock: new ManualClock() }), bus, blobs)) },
    userOf: async (authorization) => {
      if (authorization !== 'Bearer good') throw new UnauthenticatedError('a bearer token is needed');
      return { name: 'ann', groups: [] };
    },
    isReady: async () => true,
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  const definition = loadSync('flotilla/v1/application_sets.proto', { includeDirs: [PROTO], keepCase: true, enums: String, oneofs: true });
  const root = loadPackageDefinition(definition) as { flotilla: { v1: GrpcObject } };
  const Client = root.flotilla.v1.ApplicationSets as ServiceClientConstructor;
  client = new Client(`localhost:${door.port}`, credentials.createSsl(Buffer.from(authority.certificate)));
});
afterAll(async () => {
  client?.close();
  await door?.stop();
});

function read(name: string, request: object, token = 'good'): Promise<Item[]> {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  const items: Item[] = [];
  return new Promise((resolve, reject) => {
    const call = client[name]!(request, metadata) as unknown as Reading;
    call
      .on('data', (item) => items.push(item))
      .on('error', reject)
      .on('end', () => resolve(items));
  });
}

async function serve(verb: string, answer: object, reply: object = {}): Promise<unknown[]> {
  const asked: unknown[] = [];
  const bytes = Buffer.from(JSON.stringify(answer));
  const digest = digestBytes(bytes);
  await blobs.put([{ digest, bytes, sealed: false }]);
  bus.serve('expander', verb, (request) => {
    asked.push(request);
    return { digest, ...reply };
  });
  return asked;
}

const STORED = { stored: { name: 'web' } };
const named = (name: string, more: object = {}) => ({ kind: 'Application', metadata: { name }, ...more });

test('applications are generated one message each, of a stored set or a manifest, more than one message could hold', async () => {
  const bulk = Array.from({ length: 30 }, (_, i) => named(`a${i}`, { spec: { text: 'x'.repeat(200_000), list: [1, true, null] } }));
  const asked = await serve('generate', bulk, {
    count: 30,
    warnings: ['w'],
    held: [{ name: 'b', reason: 'invalid', message: 'm' }],
    heldCount: 1,
  });
  const items = await read('Generate', STORED);
  expect(items.slice(0, 3)).toEqual([
    { item: 'summary', summary: { applications: 30 } },
    { item: 'warning', warning: 'w' },
    { item: 'warning', warning: 'b is not written (invalid): m' },
  ]);
  expect(items).toHaveLength(33);
  expect(items.at(-1)).toMatchObject({
    application: {
      fields: {
        metadata: { structValue: { fields: { name: { stringValue: 'a29' } } } },
        spec: {
          structValue: { fields: { list: { listValue: { values: [{ numberValue: 1 }, { boolValue: true }, { kind: 'nullValue' }] } } } },
        },
      },
    },
  });
  await read('Generate', { manifest: 'kind: ApplicationSet\n' });
  expect(asked).toEqual([{ namespace: 'argocd', name: 'web' }, { document: { kind: 'ApplicationSet' } }]);
});

test('a trace has every source with its line, element 0 too, and what is unused, unmatched and found', async () => {
  const source = { generator: 'spec.generators[0].git', repository: 'https://r', revision: 'HEAD', file: 'a.json', line: 2, element: 0 };
  const trace: SetTrace = {
    set: 'web',
    applications: [
      {
        name: 'a',
        held: 'why',
        parameters: [
          {
            name: 'tier',
            value: { x: ['gold'] },
            fields: ['spec.project'],
            source,
            overridden: [{ value: 'old', source: { generator: 'g', cluster: 'eu', label: 'tier' } }],
          },
          { name: 'gone', fields: ['metadata.name'] },
        ],
      },
    ],
    more: 7,
    unused: [{ name: 'idle', sets: 3, source: { generator: 'g', field: 'f', from: ['x'] } }],
    unmatched: [{ source, against: 'spec.generators[0].matrix.generators[1]' }],
    findings: ['f'],
  };
  const asked = await serve('trace', trace);
  const [summary, finding, traced, unused, unmatched] = await read('Trace', {
    stored: { namespace: 'team', name: 'web' },
    applications: ['a', 'b'],
  });
  expect(asked).toEqual([{ of: { namespace: 'team', name: 'web' }, applications: ['a', 'b'] }]);
  expect([summary!.summary, finding!.finding]).toEqual([{ set: 'web', applications: 1, more: 7 }, 'f']);
  expect(traced!.application).toMatchObject({
    name: 'a',
    held: 'why',
    parameters: [
      {
        name: 'tier',
        value: { structValue: { fields: { x: { listValue: { values: [{ stringValue: 'gold' }] } } } } },
        source,
        overridden: [{ value: { stringValue: 'old' }, source: { cluster: 'eu', label: 'tier' } }],
      },
      { name: 'gone', fields: ['metadata.name'] },
    ],
  });
  expect((traced!.application!.parameters as object[])[1]).not.toHaveProperty('source');
  expect(unused!.unused).toMatchObject({ name: 'idle', sets: 3, source: { field: 'f', from: ['x'] } });
  expect(unmatched!.unmatched).toMatchObject({ source: { element: 0 }, against: 'spec.generators[0].matrix.generators[1]' });
});

const REPORT: PlanReport = {
  set: 'argocd/web',
  create: [{ name: 'new', cluster: 'eu', path: 'p' }],
  change: [{ name: 'changed', fields: [{ path: 'spec.project', old: 'a' }] }],
  delete: [{ name: 'gone', reason: 'no cluster' }],
  hold: [{ name: 'held' }],
  rule: 'protected',
  pending: [{ name: 'later', deleteAfter: '2026-01-01T00:00:00Z' }],
  refused: [{ name: 'bad', message: 'not permitted' }],
  waiting: ['again'],
  unchanged: 4,
  warnings: ['w'],
};
const DOCUMENTS = [
  { name: 'changed', before: named('changed', { spec: { project: 'a' } }), after: named('changed', { spec: {} }) },
  { name: 'gone', before: named('gone') },
];

test('a plan has one action for each application, the gravest first, with what it was and becomes', async () => {
  await serve('plan', { report: REPORT, documents: DOCUMENTS });
  const [summary, warning, ...items] = await read('Plan', STORED);
  expect([summary!.summary, warning!.warning]).toMatchObject([{ set: 'argocd/web', rule: 'protected', unchanged: 4 }, 'w']);
  const planned = items.map(({ application }) => application!);
  expect(planned.map(({ action, name }) => `${String(action).replace('PLAN_ACTION_', '')} ${name}`)).toEqual([
    'HOLD held',
    'REFUSE bad',
    'DELETE gone',
    'DELETE_LATER later',
    'CHANGE changed',
    'CREATE new',
    'WAIT again',
  ]);
  const [, refused, gone, later, changed, created] = planned;
  expect([refused, later, created]).toMatchObject([
    { reason: 'not permitted' },
    { delete_after: '2026-01-01T00:00:00Z' },
    { cluster: 'eu', path: 'p' },
  ]);
  expect(gone).toMatchObject({ reason: 'no cluster', before: { fields: { kind: { stringValue: 'Application' } } } });
  expect(gone).not.toHaveProperty('after');
  expect(changed).toMatchObject({ fields: [{ path: 'spec.project', old: { stringValue: 'a' } }], after: { fields: {} } });
  expect((changed!.fields as object[])[0]).not.toHaveProperty('new');
});

test('a diff has the YAML of each application that changes, and says what no diff shows', async () => {
  await serve('plan', { report: REPORT, documents: DOCUMENTS });
  const items = await read('Diff', STORED);
  expect(items.map(({ warning, application }) => warning ?? application?.name)).toEqual([
    'bad is not written: not permitted',
    '1 deletions are held: protected',
    'changed',
    'gone',
  ]);
  expect(items[2]!.application!.diff).toContain('-  project: a\n');
  expect(items[3]!.application!.diff).toContain('+++ /dev/null\n');
});

test('without a token nothing answers, and errors have the status that REST has, fields in the message', async () => {
  for (const name of ['Generate', 'Trace', 'Plan', 'Diff']) {
    await expect(read(name, STORED, 'bad')).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
  }
  await expect(read('Plan', {})).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringContaining('give stored or manifest'),
  });
  await expect(read('Generate', { manifest: 'a: 1\n---\nb: 2\n' })).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: 'give the manifest of one ApplicationSet',
  });
  const answers = [
    [new InvalidInputError('spec.generators[0]: no'), status.INVALID_ARGUMENT],
    [new NotFoundError('spec.generators[0]: no'), status.NOT_FOUND],
    [new ForbiddenError('spec.generators[0]: no'), status.PERMISSION_DENIED],
    [new GeneratorInputError('generators[0]', 'no'), status.UNAVAILABLE],
  ] as const;
  for (const [error, expected] of answers) {
    bus.serve('expander', 'plan', () => {
      throw error;
    });
    await expect(read('Plan', STORED)).rejects.toMatchObject({ code: expected, details: expect.stringContaining('generators[0]: no') });
  }
});
