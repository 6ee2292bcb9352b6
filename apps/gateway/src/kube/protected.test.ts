import { createKeyring } from '@flotilla/keyring';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { expect, test } from 'vitest';
import { StoreStorage } from './store-storage.js';

const store = new FakeResourceStore();
const storage = new StoreStorage(store, createKeyring(new Uint8Array(32).fill(7)));
const resource = { group: 'argoproj.io', resource: 'applications' };
const user = { name: 'ann', groups: [] };
const create = (name: string, labels: Record<string, string>, finalizers: string[] = []) =>
  store.transaction({ actor: 'me' }, (tx) =>
    tx.create({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name, namespace: 'argocd', labels, finalizers },
      spec: {},
    }),
  );
const remove = (name: string) => storage.delete(resource, 'argocd', name, {}, user);

test('a protected application is deleted by nobody until its label is off', async () => {
  await create('web', { 'flotilla.dev/protected': 'true' }, ['flotilla.dev/removal']);
  await expect(remove('web')).rejects.toThrow(
    'label flotilla.dev/protected protects it; take the label off first: kubectl -n argocd label application web flotilla.dev/protected-',
  );
  await store.transaction({ actor: 'me' }, async (tx) => {
    const document = (await tx.get({ kind: 'Application', namespace: 'argocd', name: 'web' }))!;
    await tx.update({ ...document, metadata: { ...document.metadata, labels: {} } });
  });
  expect(await remove('web')).toMatchObject({ removed: false });
});

test('one whose label says false, or that has none, is', async () => {
  await create('a', { 'flotilla.dev/protected': 'false' });
  await create('b', {});
  expect([(await remove('a'))?.removed, (await remove('b'))?.removed]).toEqual([true, true]);
});
