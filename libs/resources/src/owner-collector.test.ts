import type { ResourceDocument } from '@flotilla/contracts';
import { type Database, migrate, openDatabase } from '@flotilla/persistence';
import { testDatabase, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { create, keyOf, remove, sample, update } from './contract/sample.js';
import { OwnerCollector } from './owner-collector.js';
import { PgResourceStore } from './pg/resource-store.pg.js';
import { resourcesMigrations } from './resources-migrations.js';

let database: Database;
let store: PgResourceStore;
let collector: OwnerCollector;
let drop: () => Promise<void>;

beforeAll(async () => {
  const fresh = await testDatabase();
  drop = fresh.drop;
  database = openDatabase({ url: fresh.url, maxConnections: 6, applicationName: 'test' });
  await migrate(database, resourcesMigrations);
  store = new PgResourceStore({ database });
  collector = new OwnerCollector({ store, database, intervalMs: 20 });
});

afterAll(async () => {
  await store.close();
  await database.close();
  await drop();
});

const config = (name: string, owners: (ResourceDocument | undefined)[] = [], rest: Partial<ResourceDocument['metadata']> = {}) =>
  sample('ConfigMap', name, {
    ...rest,
    ...(owners.length > 0 ? { ownerReferences: owners.map((owner) => referenceTo(owner!)) } : {}),
  });
const referenceTo = ({ apiVersion, kind, metadata }: ResourceDocument) => ({ apiVersion, kind, name: metadata.name, uid: metadata.uid! });
const exists = async (name: string) => (await store.get(keyOf('ConfigMap', name))) !== undefined;

describe('the collector of dependents', () => {
  it('deletes what lost its last owner and leaves what has another', async () => {
    const [owner, other] = await create(store, config('owner'), config('other'));
    await create(store, config('only', [owner]), config('both', [owner, other]), config('none'));
    await collector.collect();
    await remove(store, 'ConfigMap', 'owner');
    expect(await collector.collect()).toBe(1);
    expect(await Promise.all(['only', 'both', 'none'].map(exists))).toEqual([false, true, true]);
    await remove(store, 'ConfigMap', 'other');
    expect(await collector.collect()).toBe(1);
    expect(await exists('both')).toBe(false);
  });

  it('does so although it never ran while the owner was deleted', async () => {
    const [owner] = await create(store, config('forgotten-owner'));
    await create(store, config('forgotten', [owner]));
    await remove(store, 'ConfigMap', 'forgotten-owner');
    await database.query('DELETE FROM resources.cursors');
    expect(await new OwnerCollector({ store, database }).collect()).toBe(1);
    expect(await exists('forgotten')).toBe(false);
  });

  it('lets finalizers hold a dependent, and orphans stay', async () => {
    const [owner, parent] = await create(store, config('final-owner'), config('parent'));
    await create(store, config('held', [owner], { finalizers: ['wait'] }), config('orphan', [parent]));
    await collector.collect();
    await remove(store, 'ConfigMap', 'final-owner');
    await remove(store, 'ConfigMap', 'parent', 'orphan');
    await collector.collect();
    const held = await store.get(keyOf('ConfigMap', 'held'));
    expect(held?.metadata).toMatchObject({ finalizers: ['wait'], deletionTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
    await update(store, { ...held!, metadata: { ...held!.metadata, finalizers: [] } });
    expect(await exists('held')).toBe(false);
    expect(await exists('orphan')).toBe(true);
  });

  it('never judges an owner of a kind that the store does not hold', async () => {
    const foreign = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'elsewhere', uid: 'unknown' } };
    await create(store, config('guest', [foreign]));
    await database.query('DELETE FROM resources.cursors');
    await collector.collect();
    expect(await exists('guest')).toBe(true);
  });

  it('follows chains while it runs', async () => {
    const [grandparent] = await create(store, config('grandparent'));
    const [child] = await create(store, config('child', [grandparent]));
    await create(store, config('grandchild', [child]));
    const stop = new AbortController();
    const running = collector.run(stop.signal);
    await remove(store, 'ConfigMap', 'grandparent');
    collector.wake();
    await waitFor('the chain to go', async () => !(await exists('child')) && !(await exists('grandchild')));
    stop.abort();
    await running;
  });
});
