import { FakeBlobStore } from '@flotilla/blobs/testing';
import type { ResourceDocument } from '@flotilla/contracts';
import { ManualClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { again } from '@flotilla/reconcile';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { expect, test } from 'vitest';
import { createHosts } from '../inputs/host-inputs.js';
import { confirmDeletes } from './confirm-deletes.js';
import { ReconcileSet } from './reconcile-set.js';
import { SetMemory } from './set-memory.js';
import type { StoredSet } from './stored-set.js';

const key = { kind: 'ApplicationSet', namespace: 'argocd', name: 'web' };
const set: ResourceDocument = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: {
    name: 'web',
    namespace: 'argocd',
    annotations: { 'flotilla.dev/max-deletions': '9', 'flotilla.dev/max-deletion-percent': '100' },
  },
  spec: {
    syncPolicy: { preserveResourcesOnDeletion: true },
    generators: [{ list: { elements: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] } }],
    template: {
      metadata: { name: '{{name}}' },
      spec: { project: 'default', source: { repoURL: 'https://r', path: 'p' }, destination: { name: 'one', namespace: 'n' } },
    },
  },
};

/** What is left when the set is deleted, held applications not counted. */
async function leftAfter(propagation: 'background' | 'orphan', protect: string[] = []): Promise<string> {
  const clock = new ManualClock();
  const store = new FakeResourceStore({ clock });
  const hosts = createHosts({ store, keyring: createKeyring(new Uint8Array(32)), clock, allow: [] });
  const ports = { store, bus: new FakeMessageBus(), blobs: new FakeBlobStore(), clock, hosts, memory: new SetMemory() };
  const reconcile = () => new ReconcileSet(ports).run(key);
  await store.transaction({ actor: 'me' }, (tx) => tx.create(set));
  await reconcile();
  for (const name of protect) {
    await store.transaction({ actor: 'me' }, async (tx) => {
      const application = (await tx.get({ kind: 'Application', namespace: 'argocd', name }))!;
      await tx.update({ ...application, metadata: { ...application.metadata, labels: { 'flotilla.dev/protected': 'true' } } });
    });
  }
  await store.transaction({ actor: 'me' }, (tx) => tx.delete(key, { propagation }));
  await reconcile();
  const { items } = await store.list('Application');
  const isSetThere = (await store.get(key)) !== undefined;
  return `${items.map(({ metadata }) => metadata.name).join('')}${isSetThere ? ' and the set' : ''}`;
}

test('a set within its budget takes its applications along, and stays itself for those that are protected', async () => {
  expect(await leftAfter('background')).toBe('');
  expect(await leftAfter('background', ['b'])).toBe('b and the set');
});

test('deleted with --cascade=orphan it leaves all of them, protected or not, and goes at once', async () => {
  expect(await leftAfter('orphan', ['b'])).toBe('abc');
});

test('with deletionOrder Reverse the last step goes first, and an earlier one when nothing of it is left', async () => {
  const clock = new ManualClock();
  const store = new FakeResourceStore({ clock });
  const hosts = createHosts({ store, keyring: createKeyring(new Uint8Array(32)), clock, allow: [] });
  const ports = { store, bus: new FakeMessageBus(), blobs: new FakeBlobStore(), clock, hosts, memory: new SetMemory() };
  const reconcile = () => new ReconcileSet(ports).run(key);
  const step = (name: string) => ({ matchExpressions: [{ key: 'name', operator: 'In', values: [name] }] });
  const strategy = { type: 'RollingSync', rollingSync: { steps: [step('a'), step('b')] }, deletionOrder: 'Reverse' };
  const spec = set.spec as { template: { metadata: object } };
  const metadata = { ...spec.template.metadata, labels: { name: '{{name}}' }, finalizers: ['test/slow'] };
  await store.transaction({ actor: 'me' }, (tx) =>
    tx.create({
      ...set,
      metadata: { name: 'web', namespace: 'argocd' },
      spec: { ...spec, strategy, template: { ...spec.template, metadata } },
    }),
  );
  await reconcile();
  const left = async () =>
    (await store.list('Application')).items
      .map(({ metadata: { name, deletionTimestamp } }) => (deletionTimestamp ? `${name} goes` : name))
      .join(', ');
  const finish = (name: string) =>
    store.transaction({ actor: 'me' }, async (tx) => {
      const application = (await tx.get({ kind: 'Application', namespace: 'argocd', name }))!;
      await tx.update({ ...application, metadata: { ...application.metadata, finalizers: [] } });
    });
  await store.transaction({ actor: 'me' }, (tx) => tx.delete(key));
  await reconcile();
  expect(await left(), 'the guard comes first').toBe('a, b, c');
  await confirmDeletes(store, { namespace: 'argocd', name: 'web', names: ['a', 'b', 'c'], actor: 'ann' });
  expect(await reconcile()).toEqual(again(10_000));
  expect(await left()).toBe('a, b goes, c');
  const conditions = (await store.get<StoredSet>(key))?.status?.conditions;
  expect(conditions?.find(({ type }) => type === 'Warning')?.message).toBe(
    'deletionOrder Reverse: step 2 is deleted first; a, c wait until it is gone',
  );
  await reconcile();
  expect(await left(), 'b is still on its way').toBe('a, b goes, c');
  await finish('b');
  await reconcile();
  expect(await left()).toBe('a goes, c');
  await finish('a');
  await reconcile();
  expect(await left(), 'no step selects c').toBe('c goes');
  expect(await store.get(key)).toBeUndefined();
});
