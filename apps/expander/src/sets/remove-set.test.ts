import { FakeBlobStore } from '@flotilla/blobs/testing';
import type { ResourceDocument } from '@flotilla/contracts';
import { ManualClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { expect, test } from 'vitest';
import { createHosts } from '../inputs/host-inputs.js';
import { ReconcileSet } from './reconcile-set.js';
import { SetMemory } from './set-memory.js';

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
