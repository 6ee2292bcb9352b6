import { FakeBlobStore } from '@flotilla/blobs/testing';
import type { ExplainReply, ResourceDocument } from '@flotilla/contracts';
import type { SetTrace } from '@flotilla/generators';
import { type Digest, ManualClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { FakeResourceStore } from '@flotilla/resources/testing';
import type { PlannedDocument, PlanReport } from '@flotilla/setplan';
import { beforeEach, expect, test } from 'vitest';
import { createHosts } from '../inputs/host-inputs.js';
import { ReconcileSet } from '../sets/reconcile-set.js';
import { SetMemory } from '../sets/set-memory.js';
import { planSet } from './plan-set.js';
import { traceStoredSet } from './trace-stored-set.js';

const place = { namespace: 'argocd', name: 'web' };
const key = { kind: 'ApplicationSet', ...place };
const setOf = (env: string, revision = 'main', metadata: object = place): ResourceDocument =>
  ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata,
    spec: {
      generators: [{ clusters: { selector: { matchLabels: { env } }, values: { idle: 'x' } } }],
      template: {
        metadata: { name: '{{name}}-web' },
        spec: {
          project: 'default',
          source: { repoURL: 'https://git.example.com/web', path: '{{metadata.labels.env}}', targetRevision: revision },
          destination: { name: '{{name}}', namespace: 'web' },
        },
      },
    },
  }) as ResourceDocument;
const cluster = (name: string): ResourceDocument => ({
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Cluster',
  metadata: { name, labels: { env: 'prod' } },
  spec: {},
});

function createPorts() {
  const clock = new ManualClock();
  const store = new FakeResourceStore({ clock });
  const hosts = createHosts({ store, keyring: createKeyring(new Uint8Array(32)), clock, allow: [] });
  return { store, bus: new FakeMessageBus(), blobs: new FakeBlobStore(), clock, hosts };
}
let ports: ReturnType<typeof createPorts>;
const read = async <T>({ digest }: ExplainReply): Promise<T> => {
  const [blob] = await ports.blobs.get([digest as Digest]);
  return JSON.parse(Buffer.from(blob!.bytes).toString('utf8')) as T;
};
const plan = async (request: Parameters<typeof planSet>[1]) =>
  read<{ report: PlanReport; documents: PlannedDocument[] }>(await planSet(ports, request));

beforeEach(async () => {
  ports = createPorts();
  await ports.store.transaction({ actor: 'me' }, async (tx) => {
    for (const document of [setOf('prod'), cluster('a'), cluster('b'), cluster('c')]) await tx.create(document);
  });
});

test('a plan names what an edit of a stored set would change, field by field, and writes nothing', async () => {
  expect((await plan(place)).report.create.map(({ name }) => name)).toEqual(['a-web', 'b-web', 'c-web']);
  await new ReconcileSet({ ...ports, memory: new SetMemory() }).run(key);
  expect((await plan(place)).report).toMatchObject({ create: [], change: [], delete: [], hold: [], unchanged: 3 });
  const edited = await plan({ document: setOf('prod', 'v2') });
  expect(edited.report.change.map(({ name, fields }) => [name, fields])).toEqual(
    ['a-web', 'b-web', 'c-web'].map((name) => [name, [{ path: 'spec.source.targetRevision', old: 'main', new: 'v2' }]]),
  );
  expect(edited.documents[0]).toMatchObject({ name: 'a-web', before: { spec: { source: { targetRevision: 'main' } } } });
  const other = await plan({ document: setOf('prod', 'main', { ...place, name: 'other' }) });
  expect(other.report.refused.map(({ message }) => message)).toContain('Application a-web is already owned by ApplicationSet web');
  const { items } = await ports.store.list('Application');
  expect(items.map(({ spec }) => (spec as { source: { targetRevision: string } }).source.targetRevision)).toEqual(['main', 'main', 'main']);
});

test('a plan says what is held, by which rule and for which label, also when the set itself is deleted', async () => {
  await new ReconcileSet({ ...ports, memory: new SetMemory() }).run(key);
  const typo = await plan({ document: setOf('prodd') });
  expect(typo.report.hold.map(({ name, reason }) => [name, reason])[0]).toEqual([
    'a-web',
    expect.stringContaining('cluster a has label env=prod, and generators[0].clusters.selector asks for env=prodd'),
  ]);
  expect(typo.report).toMatchObject({ rule: expect.stringMatching(/more than|all 3/), delete: [] });
  await ports.store.transaction({ actor: 'me' }, (tx) => tx.delete(key));
  expect((await plan(place)).report).toMatchObject({
    create: [],
    hold: [{ name: 'a-web', reason: 'ApplicationSet web is deleted' }, {}, {}],
  });
});

test('a trace tells cluster and label of each parameter, and can be asked for one application', async () => {
  const trace = await read<SetTrace>(await traceStoredSet(ports, { of: place, applications: ['b-web'] }));
  const generator = 'spec.generators[0].clusters';
  expect(trace.applications).toEqual([
    {
      name: 'b-web',
      parameters: [
        { name: 'name', value: 'b', fields: ['metadata.name', 'spec.destination.name'], source: { generator, cluster: 'b' } },
        { name: 'metadata.labels.env', value: 'prod', fields: ['spec.source.path'], source: { generator, cluster: 'b', label: 'env' } },
      ],
    },
  ]);
  expect(trace.unused).toEqual([{ name: 'values.idle', sets: 3, source: { generator, cluster: 'a', field: `${generator}.values.idle` } }]);
  await expect(traceStoredSet(ports, { of: { namespace: 'argocd', name: 'nope' } })).rejects.toThrow('does not exist');
});
