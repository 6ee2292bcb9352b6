import { createKeyring } from '@flotilla/keyring';
import { describeKubeStorage, type StorageUnderTest } from '@flotilla/kubeapi/testing';
import { migrate, openDatabase } from '@flotilla/persistence';
import { PgResourceStore, type ResourceStore, resourcesMigrations } from '@flotilla/resources';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { testDatabase } from '@flotilla/testkit';
import { describe } from 'vitest';
import { StoreStorage } from './store-storage.js';

const underTest = (store: ResourceStore, close: () => Promise<void>): StorageUnderTest => ({
  storage: new StoreStorage(store, createKeyring(new Uint8Array(32).fill(7))),
  resource: { group: '', resource: 'configmaps' },
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'argocd',
  close,
});

describe('the storage over the store in memory', () => {
  describeKubeStorage(async () => underTest(new FakeResourceStore(), async () => {}));
});

describe('the storage over PostgreSQL', () => {
  describeKubeStorage(async () => {
    const { url, drop } = await testDatabase();
    const database = openDatabase({ url, maxConnections: 6, applicationName: 'test' });
    await migrate(database, resourcesMigrations);
    const store = new PgResourceStore({ database });
    return underTest(store, async () => {
      await store.close();
      await database.close();
      await drop();
    });
  });
});
