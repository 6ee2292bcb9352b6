import { FakeBlobStore } from '@flotilla/blobs/testing';
import type { ResourceDocument } from '@flotilla/contracts';
import { ManualClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { createHosts } from '../inputs/host-inputs.js';
import { confirmDeletes } from '../sets/confirm-deletes.js';
import { ReconcileSet } from '../sets/reconcile-set.js';
import { SetMemory } from '../sets/set-memory.js';
import type { StoredSet } from '../sets/stored-set.js';
import { GUARD_CONFIG_KEY } from './read-guard.js';
import { restoreApplications } from './restore-applications.js';

let clock: ManualClock;
let store: FakeResourceStore;
const memory = new SetMemory();
const key = { kind: 'ApplicationSet', namespace: 'argocd', name: 'web' };
const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];

const reconcile = () => {
  const hosts = createHosts({ store, keyring: createKeyring(new Uint8Array(32)), clock, allow: [] });
  return new ReconcileSet({ store, bus: new FakeMessageBus(), blobs: new FakeBlobStore(), clock, hosts, memory }).run(key);
};
const write = (...documents: ResourceDocument[]) =>
  store.transaction({ actor: 'me' }, async (tx) => {
    for (const document of documents) await tx.create(document);
  });
const edit = async <T extends ResourceDocument>(
  place: { kind: string; namespace: string; name: string },
  change: (document: T) => void,
) => {
  await store.transaction({ actor: 'me' }, async (tx) => {
    const document = (await tx.get<T>(place))!;
    change(document);
    await tx.update(document);
  });
};
const remove = (place: { kind: string; namespace: string; name: string }) => store.transaction({ actor: 'me' }, (tx) => tx.delete(place));
const place = (name: string) => ({ kind: 'Application', namespace: 'argocd', name });
const clusterPlace = (name: string) => ({ kind: 'Cluster', namespace: '', name });
const names = async () => (await store.list('Application')).items.map(({ metadata }) => metadata.name).join('');
const status = async () => (await store.get<StoredSet>(key))?.status;
const message = async (type: string) => (await status())?.conditions?.find((condition) => condition.type === type)?.message;
const annotate = (annotations: Record<string, string>) =>
  edit<StoredSet>(key, (set) => {
    set.metadata.annotations = { ...set.metadata.annotations, ...annotations };
  });
const want = (...elements: string[]) =>
  edit<StoredSet>(key, (set) => {
    set.spec.generators = [{ list: { elements: elements.map((name) => ({ name })) } }];
  });

const set: ResourceDocument = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'web', namespace: 'argocd' },
  spec: {
    syncPolicy: { preserveResourcesOnDeletion: true },
    generators: [{ list: { elements: letters.map((name) => ({ name })) } }],
    template: {
      metadata: { name: '{{name}}' },
      spec: { project: 'team', source: { repoURL: 'https://r', path: 'p' }, destination: { name: 'one', namespace: 'n' } },
    },
  },
};
const project: ResourceDocument = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'team', namespace: 'argocd' },
  spec: { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] },
};
const cluster = (name: string, labels: Record<string, string> = {}): ResourceDocument => ({
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Cluster',
  metadata: { name, labels },
  spec: {},
});

beforeEach(async () => {
  clock = new ManualClock();
  store = new FakeResourceStore({ clock });
  memory.forget('argocd/web');
  await write(set, project, cluster('one'));
  await reconcile();
  expect(await names()).toBe('abcdefghij');
});

describe('the budget of a set', () => {
  test('comes from the fleet, then its project, then itself', async () => {
    await write({ apiVersion: 'v1', metadata: GUARD_CONFIG_KEY, kind: 'ConfigMap', data: { 'max-deletions': '0' } });
    await want(...letters.slice(1));
    await reconcile();
    expect(await names()).toBe('abcdefghij');
    expect(await message('Held')).toContain('1 application would be deleted and is held (more than max-deletions 0): a;');
    await edit({ ...key, kind: 'AppProject', name: 'team' }, ({ metadata }) => {
      metadata.annotations = { 'flotilla.dev/max-deletions': '1' };
    });
    await reconcile();
    expect(await names()).toBe('bcdefghij');
    await annotate({ 'flotilla.dev/max-deletions': '9', 'flotilla.dev/max-deletion-percent': '100' });
    await want('b');
    await reconcile();
    expect(await names()).toBe('b');
  });

  test('is the built-in one while a stored value cannot be read, and says so', async () => {
    await annotate({ 'flotilla.dev/max-deletions': 'lots' });
    await want(...letters.slice(6));
    await reconcile();
    expect((await status())?.heldDeletions).toEqual(letters.slice(0, 6));
    expect(await message('Warning')).toContain('flotilla.dev/max-deletions: "lots" is no whole number');
  });
});

describe('a protected application', () => {
  const isHeld = async () => {
    await want(...letters.slice(1));
    await reconcile();
    expect((await status())?.heldDeletions).toEqual(['a']);
    expect(await message('Held')).toContain('held (protected): a; release with: flotilla appset confirm-deletes web NAME...');
    await confirmDeletes(store, { namespace: 'argocd', name: 'web', names: ['a'], actor: 'me' });
    await reconcile();
    expect(await names()).toBe('bcdefghij');
  };

  test('is held alone, until it is confirmed by name', async () => {
    await edit(place('a'), ({ metadata }) => {
      metadata.labels = { 'flotilla.dev/protected': 'true' };
    });
    await isHeld();
  });

  test('may be protected by the cluster it goes to', async () => {
    await edit(clusterPlace('one'), ({ metadata }) => {
      metadata.labels = { 'flotilla.dev/protected': '' };
    });
    await isHeld();
  });
});

test('a held set says for each application what changed, also after a restart and a failed expansion', async () => {
  await want('z');
  memory.forget('argocd/web');
  await reconcile();
  const reasons = (await status())?.heldReasons;
  expect(reasons).toHaveLength(10);
  expect(reasons?.[0]).toEqual({ name: 'a', reason: 'ElementGone', message: 'no element of generators[0].list makes it any more' });
  expect(await message('Held')).toContain('; why: a: no element of generators[0].list makes it any more; b: ');
  await edit<StoredSet>(key, ({ spec }) => {
    spec.generators = [{ lists: {} }];
  });
  await reconcile();
  expect((await status())?.heldReasons).toEqual(reasons);
  expect(await names()).toBe('abcdefghijz');
});

describe('with a restore window', () => {
  const gone = async () => (await status())?.pendingDeletions;

  test('a deletion waits, is undone untouched when generated again, and is carried out in the end', async () => {
    await annotate({ 'flotilla.dev/restore-window': '10m' });
    const before = await store.get(place('a'));
    await want(...letters.slice(1));
    expect(await reconcile()).toEqual({ againAfterMs: 600_000 });
    expect(await names()).toBe('abcdefghij');
    const deleteAfter = new Date(clock.now() + 600_000).toISOString();
    expect(await gone()).toEqual([{ name: 'a', deleteAfter }]);
    expect(await message('DeletionsPending')).toContain(`a after ${deleteAfter}`);
    await want(...letters);
    await reconcile();
    const after = await store.get(place('a'));
    expect({ ...after, metadata: { ...after?.metadata, resourceVersion: '' } }).toEqual({
      ...before,
      metadata: { ...before?.metadata, resourceVersion: '' },
    });
    expect(await gone()).toBeUndefined();
    await want(...letters.slice(1));
    await reconcile();
    clock.advance(600_000);
    await reconcile();
    expect(await names()).toBe('bcdefghij');
    expect(await gone()).toBeUndefined();
  });

  test('who is restored by name stays, out of the set, also when the set is deleted', async () => {
    await annotate({ 'flotilla.dev/restore-window': '10m' });
    await want(...letters.slice(1));
    await reconcile();
    const request = { namespace: 'argocd', name: 'web', actor: 'me' };
    await expect(restoreApplications(store, { ...request, names: ['b'] })).rejects.toThrow(
      'b of ApplicationSet web: no deletion of that name',
    );
    await restoreApplications(store, { ...request, names: ['a', 'a'] });
    const { metadata } = (await store.get(place('a')))!;
    expect([metadata.ownerReferences, metadata.annotations?.['flotilla.dev/delete-after']]).toEqual([[], undefined]);
    clock.advance(600_000);
    await reconcile();
    expect(await names()).toBe('abcdefghij');
    expect(await gone()).toBeUndefined();
    await remove(key);
    await reconcile();
    await restoreApplications(store, { ...request, names: ['b'] });
    await confirmDeletes(store, { ...request, names: letters.slice(2) });
    await reconcile();
    expect(await names()).toBe('ab');
    expect(await store.get(key)).toBeUndefined();
  });

  test('a confirmed deletion goes at once, held or waiting', async () => {
    await annotate({ 'flotilla.dev/restore-window': '10m' });
    await want(...letters.slice(1));
    await reconcile();
    await confirmDeletes(store, { namespace: 'argocd', name: 'web', names: ['a'], actor: 'me' });
    await reconcile();
    expect(await names()).toBe('bcdefghij');
  });

  test('a set that is deleted waits too', async () => {
    await annotate({
      'flotilla.dev/restore-window': '10m',
      'flotilla.dev/max-deletions': '10',
      'flotilla.dev/max-deletion-percent': '100',
    });
    await reconcile();
    await remove(key);
    expect(await reconcile()).toEqual({ againAfterMs: 600_000 });
    expect(await names()).toBe('abcdefghij');
    clock.advance(600_000);
    await reconcile();
    expect(await names()).toBe('');
    expect(await store.get(key)).toBeUndefined();
  });
});
