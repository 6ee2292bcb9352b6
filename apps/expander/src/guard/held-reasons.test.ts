import { FakeBlobStore } from '@flotilla/blobs/testing';
import { type ApplicationSet, GENERATED_FROM_ANNOTATION, type ResourceDocument } from '@flotilla/contracts';
import { digestBytes, ManualClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { expect, test } from 'vitest';
import { createHosts } from '../inputs/host-inputs.js';
import { ReconcileSet } from '../sets/reconcile-set.js';
import { SetIndex } from '../sets/set-index.js';
import { SetMemory } from '../sets/set-memory.js';
import type { StoredSet } from '../sets/stored-set.js';
import { WakeSets } from '../sets/wake-sets.js';
import { GUARD_CONFIG_KEY } from './read-guard.js';

const REPO = 'https://git.example.com/fleet';
const clock = new ManualClock();
const store = new FakeResourceStore({ clock });
const blobs = new FakeBlobStore();
const bus = new FakeMessageBus();
const memory = new SetMemory();
const key = { kind: 'ApplicationSet', namespace: 'argocd', name: 'web' };
const hosts = createHosts({ store, keyring: createKeyring(new Uint8Array(32)), clock, allow: [] });
const reconcile = () => new ReconcileSet({ store, bus, blobs, clock, hosts, memory }).run(key);

let commit = 'c0ffee';
let directories = ['apps/one', 'apps/two', 'apps/three'];
bus.serve('renderer', 'resolve', () => ({ refs: [{ repoURL: REPO, ref: 'main', commit }] }));
bus.serve('renderer', 'directories', async () => {
  const bytes = Buffer.from(JSON.stringify(directories));
  await blobs.put([{ digest: digestBytes(bytes), bytes, sealed: false }]);
  return { digest: digestBytes(bytes) };
});

const git = { git: { repoURL: REPO, revision: 'main', directories: [{ path: 'apps/*' }] } };
const useGenerators = (generators: ApplicationSet['spec']['generators']) =>
  store.transaction({ actor: 'me' }, async (tx) => {
    const set = (await tx.getForUpdate<StoredSet>(key))!;
    await tx.update<StoredSet>({ ...set, spec: { ...set.spec, generators } });
  });
const origin = async (name: string) =>
  (await store.get({ kind: 'Application', namespace: 'argocd', name }))?.metadata.annotations?.[GENERATED_FROM_ANNOTATION];

test('a held deletion names the directory and the commit that lacks it', async () => {
  const source = { repoURL: REPO, path: '{{path}}' };
  await store.transaction({ actor: 'me' }, (tx) =>
    tx.create<StoredSet>({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'ApplicationSet',
      metadata: { name: 'web', namespace: 'argocd' },
      spec: {
        generators: [git],
        template: {
          metadata: { name: '{{path.basename}}' },
          spec: { project: 'default', source, destination: { name: 'c', namespace: 'n' } },
        },
      },
    }),
  );
  await reconcile();
  expect(await origin('one')).toBe('[{"generator":"generators[0].git","file":"apps/one"}]');
  [commit, directories] = ['badc0de', ['apps/three']];
  await reconcile();
  const { status } = (await store.get<StoredSet>(key))!;
  expect(status?.heldReasons).toEqual(
    ['one', 'two'].map((name) => ({
      name,
      reason: 'FileGone',
      message: `apps/${name} is not in ${REPO} at commit badc0de, which generators[0].git reads`,
    })),
  );
  [commit, directories] = ['c0ffee', ['apps/one', 'apps/two', 'apps/three']];
  await reconcile();
  expect((await store.get<StoredSet>(key))?.status).not.toHaveProperty('heldReasons');
});

test('applications follow when their generator moves in the set, though nothing else of them changes', async () => {
  await useGenerators([{ list: { elements: [] } }, git]);
  await reconcile();
  expect(await origin('one')).toBe('[{"generator":"generators[1].git","file":"apps/one"}]');
});

test("the fleet's settings wake every set, other ConfigMaps none", async () => {
  const woken: string[] = [];
  const wake = new WakeSets(store, new SetIndex(), memory, (set) => woken.push(set));
  await wake.run(key);
  await wake.run({ ...GUARD_CONFIG_KEY, name: 'other' });
  expect(woken).toEqual(['argocd/web']);
  await wake.run(GUARD_CONFIG_KEY);
  expect(woken).toEqual(['argocd/web', 'argocd/web']);
});

test('a held deletion names the label that a cluster lost, the cluster that went, and the generator that is no longer there', async () => {
  const fleet = { ...key, name: 'fleet' };
  const look = () => new ReconcileSet({ store, bus, blobs, clock, hosts, memory }).run(fleet);
  const reasons = async () =>
    (await store.get<StoredSet>(fleet))?.status?.heldReasons?.map(({ name, reason, message }) => [name, reason, message]);
  const cluster = (name: string) => ({ kind: 'Cluster', namespace: '', name });
  await store.transaction({ actor: 'me' }, async (tx) => {
    for (const name of ['east', 'west']) {
      await tx.create({ apiVersion: 'flotilla.dev/v1alpha1', kind: 'Cluster', metadata: { name, labels: { env: 'prod' } }, spec: {} });
    }
    await tx.create<StoredSet>({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'ApplicationSet',
      metadata: { name: 'fleet', namespace: 'argocd' },
      spec: {
        generators: [{ clusters: { selector: { matchLabels: { env: 'prod' } } } }],
        template: {
          metadata: { name: 'fleet-{{name}}' },
          spec: { project: 'default', source: { repoURL: REPO, path: 'p' }, destination: { name: '{{name}}', namespace: 'n' } },
        },
      },
    });
  });
  await look();
  await store.transaction({ actor: 'me' }, async (tx) => {
    const east = (await tx.getForUpdate<ResourceDocument>(cluster('east')))!;
    await tx.update({ ...east, metadata: { ...east.metadata, labels: { env: 'dev' } } });
    await tx.delete(cluster('west'));
  });
  await look();
  expect(await reasons()).toEqual([
    ['fleet-east', 'ClusterNotSelected', 'cluster east has label env=dev, and generators[0].clusters.selector asks for env=prod'],
    ['fleet-west', 'ClusterGone', 'cluster west is no longer in the inventory that generators[0].clusters sees'],
  ]);
  await store.transaction({ actor: 'me' }, async (tx) => {
    const set = (await tx.getForUpdate<StoredSet>(fleet))!;
    await tx.update<StoredSet>({ ...set, spec: { ...set.spec, generators: [{ list: { elements: [] } }] } });
  });
  await look();
  expect((await reasons())?.map(([, reason]) => reason)).toEqual(['GeneratorGone', 'GeneratorGone']);
});
