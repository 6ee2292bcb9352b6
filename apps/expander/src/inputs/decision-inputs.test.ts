import { FakeBlobStore } from '@flotilla/blobs/testing';
import type { ResourceDocument } from '@flotilla/contracts';
import { ManualClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { beforeEach, expect, test } from 'vitest';
import { ReconcileSet } from '../sets/reconcile-set.js';
import { SetMemory } from '../sets/set-memory.js';
import type { StoredSet } from '../sets/stored-set.js';
import { createHosts } from './host-inputs.js';

const OCM = 'cluster.open-cluster-management.io/v1beta1';
const clock = new ManualClock();
const key = { kind: 'ApplicationSet', namespace: 'argocd', name: 'web' };
const decisionKey = { kind: 'PlacementDecision', namespace: 'argocd', name: 'web-1' };
let store: FakeResourceStore;

const create = (...documents: object[]) =>
  store.transaction({ actor: 'me' }, async (tx) => {
    for (const document of documents) await tx.create(document as ResourceDocument);
  });
const decide = (...clusters: string[]) =>
  store.transaction({ actor: 'me' }, async (tx) => {
    const document = (await tx.get(decisionKey))!;
    await tx.updateStatus({ ...document, status: { decisions: clusters.map((clusterName) => ({ clusterName })) } });
  });
async function reconcile() {
  const hosts = createHosts({ store, keyring: createKeyring(new Uint8Array(32)), clock, allow: [] });
  const ports = { store, bus: new FakeMessageBus(), blobs: new FakeBlobStore(), clock, hosts };
  const outcome = await new ReconcileSet({ ...ports, memory: new SetMemory() }).run(key);
  const set = (await store.get<StoredSet>(key))!;
  const names = (await store.list('Application')).items.map(({ metadata }) => metadata.name);
  return { outcome, names, error: set.status?.conditions?.find(({ type }) => type === 'ErrorOccurred') };
}

const configMap = (data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ocm', namespace: 'argocd' }, data });
const cluster = (name: string) => ({ apiVersion: 'flotilla.dev/v1alpha1', kind: 'Cluster', metadata: { name }, spec: {} });
const source = { repoURL: 'https://g/r', path: 'p' };

beforeEach(async () => {
  store = new FakeResourceStore({ clock });
  await create(cluster('a'), cluster('b'), cluster('c'), {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: 'web', namespace: 'argocd' },
    spec: {
      generators: [{ clusterDecisionResource: { configMapRef: 'ocm', labelSelector: { matchLabels: { placement: 'web' } } } }],
      template: {
        metadata: { name: '{{name}}-web' },
        spec: { project: 'default', source, destination: { name: '{{name}}', namespace: 'web' } },
      },
    },
  });
});

test('applications follow a decision that the hub keeps, which is looked at every three minutes', async () => {
  await create(
    configMap({ apiVersion: OCM, kind: 'placementdecisions', statusListKey: 'decisions', matchKey: 'clusterName' }),
    { apiVersion: OCM, kind: 'PlacementDecision', metadata: { name: 'web-1', namespace: 'argocd', labels: { placement: 'web' } } },
    { apiVersion: OCM, kind: 'PlacementDecision', metadata: { name: 'other', namespace: 'argocd', labels: { placement: 'other' } } },
  );
  const waiting = await reconcile();
  expect(waiting.names).toEqual([]);
  expect(waiting.error).toMatchObject({ status: 'True', message: expect.stringContaining('placementdecisions web-1 is not there yet') });
  await decide('a', 'c');
  const decided = await reconcile();
  expect(decided.names).toEqual(['a-web', 'c-web']);
  expect(decided.outcome).toMatchObject({ againAfterMs: 180_000 });
});

test('a decision that goes away takes no application with it', async () => {
  await create(configMap({ apiVersion: OCM, kind: 'placementdecisions', statusListKey: 'decisions', matchKey: 'clusterName' }), {
    apiVersion: OCM,
    kind: 'PlacementDecision',
    metadata: { name: 'web-1', namespace: 'argocd', labels: { placement: 'web' } },
  });
  await decide('a');
  expect((await reconcile()).names).toEqual(['a-web']);
  await store.transaction({ actor: 'me' }, (tx) => tx.delete(decisionKey));
  const { names, error } = await reconcile();
  expect(names).toEqual(['a-web']);
  expect(error).toMatchObject({ status: 'True', message: expect.stringContaining('no placementdecisions of') });
});

test.each([
  [undefined, 'ConfigMap argocd/ocm does not exist'],
  [{ apiVersion: 'mallard.io/v1beta1', kind: 'ducks', matchKey: 'name' }, 'this hub keeps no ducks of mallard.io/v1beta1'],
  [
    { apiVersion: 'argoproj.io/v1alpha1', kind: 'applications', matchKey: 'name' },
    'write the decision as placementdecisions of cluster.open',
  ],
])('a decision that cannot be kept here is an error that says how to give it: %j', async (data, message) => {
  if (data) await create(configMap(data));
  const { names, error } = await reconcile();
  expect(names).toEqual([]);
  expect(error).toMatchObject({ status: 'True', message: expect.stringContaining(message) });
});
