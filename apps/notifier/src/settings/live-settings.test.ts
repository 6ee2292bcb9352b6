import { createKeyring } from '@flotilla/keyring';
import type { ResourceKey } from '@flotilla/resources';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { beforeEach, expect, test } from 'vitest';
import { CHANNELS } from '../channels/registry.js';
import { LiveSettings } from './live-settings.js';

class CountingStore extends FakeResourceStore {
  reads = 0;

  override get: FakeResourceStore['get'] = (key: ResourceKey) => {
    this.reads++;
    return super.get(key);
  };
}

let store: CountingStore;
let settings: LiveSettings;
beforeEach(() => {
  store = new CountingStore();
  settings = new LiveSettings({ store, keyring: createKeyring(new Uint8Array(32)), types: CHANNELS.map(({ type }) => type) });
});

const configure = (data: Record<string, string>) =>
  store.transaction({ actor: 'me' }, async (tx) => {
    const place = { kind: 'ConfigMap', namespace: 'argocd', name: 'argocd-notifications-cm' };
    const stored = await tx.get(place);
    const document = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: place.name, namespace: place.namespace }, data };
    await (stored ? tx.update({ ...stored, data }) : tx.create(document));
  });

test('settings are read once for all messages that ask at the same time', async () => {
  await configure({ context: 'team: a' });
  const all = await Promise.all([settings.load(), settings.load(), settings.load()]);
  expect(store.reads).toBe(3);
  expect(new Set(all).size).toBe(1);
});

test('settings that changed are in force for whoever asks next', async () => {
  await configure({ context: 'team: a' });
  expect((await settings.load()).config.context).toMatchObject({ team: 'a' });
  await configure({ context: 'team: b' });
  expect((await settings.load()).config.context).toMatchObject({ team: 'b' });
});

test('a store that fails once fails nobody later', async () => {
  await configure({ context: 'team: a' });
  const { get } = store;
  store.get = () => Promise.reject(new Error('away'));
  await expect(settings.load()).rejects.toThrow('away');
  store.get = get;
  expect((await settings.load()).config.context).toMatchObject({ team: 'a' });
});
