import { FakeBlobStore } from '@flotilla/blobs/testing';
import type { ResourceDocument } from '@flotilla/contracts';
import { ManualClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { expect, test } from 'vitest';
import { createHosts } from '../inputs/host-inputs.js';
import { generateSet } from './generate-set.js';
import { ReconcileSet } from './reconcile-set.js';
import { SetMemory } from './set-memory.js';

const clock = new ManualClock();
const store = new FakeResourceStore({ clock });
const hosts = createHosts({ store, keyring: createKeyring(new Uint8Array(32)), clock, allow: [] });
const ports = { store, bus: new FakeMessageBus(), blobs: new FakeBlobStore(), clock, hosts };
const place = { namespace: 'argocd', name: 'web' };
const key = { kind: 'ApplicationSet', ...place };
const reconcile = () => new ReconcileSet({ ...ports, memory: new SetMemory() }).run(key);

const selecting = (env: string) => [{ clusters: { selector: { matchLabels: { env } } } }];
const set: ResourceDocument = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: place,
  spec: {
    generators: selecting('prod'),
    template: {
      metadata: { name: '{{name}}-web' },
      spec: {
        project: 'default',
        source: { repoURL: 'https://git.example.com/web', path: 'p' },
        destination: { name: '{{name}}', namespace: 'web' },
      },
    },
  },
};
const cluster = (name: string): ResourceDocument => ({
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Cluster',
  metadata: { name, labels: { env: 'prod' } },
  spec: {},
});

/** Names to create, change, delete and hold. */
async function intent(): Promise<string[]> {
  const { create, change, delete: gone, hold } = (await generateSet(ports, place)).intent!;
  return [create, change, gone, hold].map(({ names }) => names.join());
}

test('a stored set tells what its next reconcile would create, change, delete and hold, and does none of it', async () => {
  await store.transaction({ actor: 'me' }, async (tx) => {
    for (const document of [set, cluster('a'), cluster('b'), cluster('c')]) await tx.create(document);
  });
  expect(await intent()).toEqual(['a-web,b-web,c-web', '', '', '']);
  await reconcile();
  expect(await intent()).toEqual(['', '', '', '']);
  await store.transaction({ actor: 'me' }, async (tx) => {
    const application = (await tx.get({ kind: 'Application', namespace: 'argocd', name: 'a-web' }))!;
    await tx.update({ ...application, spec: { ...(application.spec as object), project: 'other' } });
    await tx.create(cluster('d'));
    await tx.delete({ kind: 'Cluster', namespace: '', name: 'c' });
  });
  expect(await intent()).toEqual(['d-web', 'a-web', 'c-web', '']);
  await store.transaction({ actor: 'me' }, async (tx) => {
    const current = (await tx.get(key))!;
    await tx.update({ ...current, spec: { ...(current.spec as object), generators: selecting('prodd') } });
  });
  expect(await intent()).toEqual(['', '', '', 'a-web,b-web,c-web']);
  await store.transaction({ actor: 'me' }, (tx) => tx.delete(key));
  expect(await intent()).toEqual(['', '', '', 'a-web,b-web,c-web']);
  const { items } = await store.list('Application');
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['a-web', 'b-web', 'c-web']);
});
