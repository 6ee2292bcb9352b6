import { ManualClock } from '@flotilla/kernel';
import { type Database, migrate, openDatabase } from '@flotilla/persistence';
import { testDatabase } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { create, keyOf, remove, sample, update } from '../contract/sample.js';
import { resourcesMigrations } from '../resources-migrations.js';
import { PgChangeLog } from './change-log.pg.js';
import { ConsumerCursors } from './consumer-cursors.pg.js';
import { LogRetention } from './log-retention.pg.js';
import { PgResourceStore } from './resource-store.pg.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const KIND = 'ConfigMap';

let database: Database;
let store: PgResourceStore;
let drop: () => Promise<void>;

beforeAll(async () => {
  const fresh = await testDatabase();
  drop = fresh.drop;
  database = openDatabase({ url: fresh.url, maxConnections: 6, applicationName: 'test' });
  await migrate(database, resourcesMigrations);
  store = new PgResourceStore({ database });
});

afterAll(async () => {
  await store.close();
  await database.close();
  await drop();
});

describe('the retention of the log', () => {
  it('makes partitions ahead, takes early rows into theirs, and drops old ones without losing the last states', async () => {
    const now = Date.now();
    const [quiet] = await create(store, sample(KIND, 'quiet'), sample(KIND, 'gone'));
    const early = new LogRetention({ database, clock: new ManualClock(now) });
    const first = await early.run();
    expect(first.created).toHaveLength(4);
    expect((await early.run()).created).toEqual([]);
    expect(await database.query('SELECT count(*)::int AS n FROM resources.changes_default')).toEqual([{ n: 0 }]);
    await remove(store, KIND, 'gone');
    expect(await store.history(keyOf(KIND, 'gone'))).toHaveLength(2);

    const kept = await new LogRetention({ database, clock: new ManualClock(now + 7 * DAY_MS) }).run();
    expect(kept.dropped).toEqual([]);
    const later = await new LogRetention({ database, clock: new ManualClock(now + 8 * DAY_MS) }).run();
    expect(later.dropped).toHaveLength(1);
    expect(await database.query('SELECT name FROM resources.changes_base')).toEqual([{ name: 'quiet' }]);
    expect(await store.history(keyOf(KIND, 'quiet'))).toEqual([]);
    expect(await store.get(keyOf(KIND, 'quiet'))).toEqual(quiet);
  });

  it('lets several processes run it at the same time', async () => {
    const runs = Array.from({ length: 4 }, () => new LogRetention({ database, clock: new ManualClock(Date.now() + 40 * DAY_MS) }).run());
    const created = (await Promise.all(runs)).flatMap((run) => run.created);
    expect(created.length).toBeGreaterThan(0);
    expect(new Set(created).size).toBe(created.length);
  });
});

describe('a consumer of the log', () => {
  it('reads on from its cursor, which commits with its work and never moves back', async () => {
    const log = new PgChangeLog(database);
    const cursors = new ConsumerCursors(database);
    expect(await cursors.read('tester', KIND)).toBeUndefined();
    const start = Number(await store.currentResourceVersion(KIND));
    const [made] = await create(store, sample(KIND, 'one'));
    await update(store, { ...made!, spec: { size: 2 } });
    const records = await log.read(KIND, start);
    expect(records.map(({ type, fieldPaths }) => [type, fieldPaths])).toEqual([
      ['ADDED', []],
      ['MODIFIED', ['spec.size']],
    ]);
    const failing = database.transaction(async (tx) => {
      await cursors.advance('tester', KIND, records[1]!.resourceVersion, tx);
      throw new Error('work failed');
    });
    await expect(failing).rejects.toThrow('work failed');
    expect(await cursors.read('tester', KIND)).toBeUndefined();
    await cursors.advance('tester', KIND, records[1]!.resourceVersion);
    await cursors.advance('tester', KIND, records[0]!.resourceVersion);
    expect(await cursors.read('tester', KIND)).toBe(records[1]!.resourceVersion);
    expect(await log.read(KIND, Number(records[1]!.resourceVersion))).toEqual([]);
  });

  it('that fell below the retention is told so', async () => {
    await expect(new PgChangeLog(database).read(KIND, 1)).rejects.toMatchObject({ code: 'gone' });
  });
});
