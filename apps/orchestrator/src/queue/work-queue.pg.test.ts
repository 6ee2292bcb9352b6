import { type Database, migrate, openDatabase, type SqlRunner } from '@flotilla/persistence';
import { type TestDatabase, testDatabase } from '@flotilla/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { orchestratorSchema } from '../orchestrator.schema.js';
import { PgWorkQueue } from './work-queue.pg.js';

const FLEET = 2_000;
const BATCH = 200;
const LEASE_MS = 1_000;

let place: TestDatabase;
let database: Database;
/** Rows that the plans of the queue's statements have visited. */
let visited: number;
let queue: PgWorkQueue;

beforeAll(async () => {
  place = await testDatabase();
  database = openDatabase({ url: place.url, maxConnections: 2, applicationName: 'test' });
  await migrate(database, orchestratorSchema);
  queue = new PgWorkQueue(new Proxy(database, { get: (target, key) => (key === 'query' ? explained : Reflect.get(target, key, target)) }));
});
beforeEach(async () => {
  visited = 0;
  await database.query('DELETE FROM orchestrator.work');
});
afterAll(async () => {
  await database?.close();
  await place?.drop();
});

interface PlanNode {
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

const rowsOf = (node: PlanNode): number =>
  node['Actual Loops'] * (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) +
  (node.Plans ?? []).reduce((sum, plan) => sum + rowsOf(plan), 0);

/** Counts what the statement would visit, takes it back, and runs it. */
const explained: SqlRunner['query'] = async (sql, parameters) => {
  if (/^(UPDATE|DELETE)/.test(sql)) {
    const undo = new Error('taken back');
    await database
      .transaction(async (tx) => {
        const [row] = await tx.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, parameters);
        visited += rowsOf(row!['QUERY PLAN'][0]!.Plan);
        throw undo;
      })
      .catch((error: unknown) => {
        if (error !== undo) throw error;
      });
  }
  return database.query(sql, parameters);
};

test('a batch of a fleet that became due at once is claimed and finished with a few visits of each row, not one per pair', async () => {
  const keys = Array.from({ length: FLEET }, (_, i) => `cluster-${i}`);
  // What the planner believes of a table that was as full before and is empty most of the time: next to nothing in many pages.
  await queue.add('cluster', keys, 1);
  await queue.add('history', ['last'], Number.MAX_SAFE_INTEGER);
  await database.query("DELETE FROM orchestrator.work WHERE kind = 'cluster'");
  await database.query('VACUUM ANALYZE orchestrator.work');
  await queue.add('cluster', keys, 1);
  const items = await queue.claim('cluster', BATCH, 1, LEASE_MS);
  expect(items).toHaveLength(BATCH);
  expect(visited).toBeLessThanOrEqual(20 * FLEET);
  visited = 0;
  await queue.finish(items);
  expect(visited).toBeLessThanOrEqual(20 * FLEET);
  const [row] = await database.query<{ count: string }>("SELECT count(*) FROM orchestrator.work WHERE kind = 'cluster'");
  expect(Number(row!.count)).toBe(FLEET - BATCH);
});

test('a key that was named again while it was worked on stays, whatever its neighbours do', async () => {
  await queue.add('cluster', ['a', 'b', 'c'], 1);
  await queue.add('unit', ['a'], 1);
  const items = await queue.claim('cluster', 10, 1, LEASE_MS);
  await queue.add('cluster', ['b'], 2);
  await queue.finish(items);
  const rows = await database.query('SELECT kind, key, due_at, claimed_until FROM orchestrator.work ORDER BY kind, key');
  expect(rows).toEqual([
    { kind: 'cluster', key: 'b', due_at: '2', claimed_until: '0' },
    { kind: 'unit', key: 'a', due_at: '1', claimed_until: '0' },
  ]);
});
