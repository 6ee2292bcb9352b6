import type { Database, SqlRunner } from '@flotilla/persistence';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NotifierUnderTest } from '../testing/notifier-under-test.js';
import { PgIntents } from './intents.store.pg.js';

const BACKLOG = 5_000;
const KEPT = 20_000;
const CLAIMS = 10;
const GROUP = 32;

let under: NotifierUnderTest;
beforeAll(async () => {
  under = await NotifierUnderTest.start();
});
afterAll(() => under.stop());

/** Adds messages with their events; PostgreSQL has not looked at what the tables hold by now, as in a burst. */
async function add(prefix: string, count: number, state: 'waiting' | 'sent', now: Date): Promise<void> {
  await under.database.query(
    `INSERT INTO notifier.intents (id, type, event, trigger, template, service, recipient, rule, order_key, state, due_at, created_at)
     SELECT $2 || n, 'message', $2 || n, 't', 't', 's', '', 'r', $2 || n, $3, $1, $1 FROM generate_series(1, $4::int) n`,
    [now, prefix, state, count],
  );
  await under.database.query(
    `INSERT INTO notifier.events (id, kind, namespace, name, variables, at)
     SELECT $2 || n, 'Application', 'argocd', $2 || n, '{}', $1 FROM generate_series(1, $3::int) n`,
    [now, prefix, count],
  );
  await under.database.query(
    `INSERT INTO notifier.attempts (intent, attempt, started_at) SELECT id, 1, $1 FROM notifier.intents WHERE state = 'sent'
     ON CONFLICT DO NOTHING`,
    [now],
  );
}

/** Rows that the work reads of messages, their events and attempts. */
async function rowsRead(work: (intents: PgIntents) => Promise<void>): Promise<number> {
  return under.database.transaction(async (tx) => {
    const within = { transaction: (inner: (sql: SqlRunner) => unknown) => inner(tx), query: tx.query.bind(tx) } as unknown as Database;
    const readSoFar = async (): Promise<number> => {
      const [row] = await tx.query<{ rows: string }>(
        `SELECT sum(seq_tup_read + idx_tup_fetch) AS rows FROM pg_stat_xact_user_tables
         WHERE schemaname = 'notifier' AND relname IN ('intents', 'events', 'attempts')`,
      );
      return Number(row!.rows);
    };
    // The connection's counts of earlier transactions may not have been handed on yet.
    const before = await readSoFar();
    await work(new PgIntents(within));
    return (await readSoFar()) - before;
  });
}

test('a claim reads a handful of messages, however many wait', async () => {
  const now = new Date();
  await add('wait', BACKLOG, 'waiting', now);
  const read = await rowsRead(async (intents) => {
    for (let i = 0; i < CLAIMS; i++) expect(await intents.claim(now, { limit: 1 }, 60_000)).toHaveLength(1);
  });
  expect(read).toBeLessThan(CLAIMS * 100);
});

test('a group of receipts reads its own messages, however many are kept', async () => {
  const now = new Date();
  await add('kept', KEPT, 'sent', now);
  const claimed = await new PgIntents(under.database).claim(now, { limit: GROUP }, 60_000);
  expect(claimed).toHaveLength(GROUP);
  const outcomes = claimed.map((intent) => ({ intent, at: now, sent: {}, keys: {} }));
  expect(await rowsRead((intents) => intents.settle(outcomes))).toBeLessThan(GROUP * 20);
  const states = await under.database.query(
    `SELECT count(*)::int AS settled FROM notifier.intents i JOIN notifier.attempts a ON a.intent = i.id
     WHERE i.id = ANY($1) AND i.state = 'sent' AND a.outcome = 'sent'`,
    [claimed.map(({ id }) => id)],
  );
  expect(states).toEqual([{ settled: GROUP }]);
});
