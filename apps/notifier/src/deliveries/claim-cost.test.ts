import type { Database } from '@flotilla/persistence';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NotifierUnderTest } from '../testing/notifier-under-test.js';
import { PgIntents } from './intents.store.pg.js';

const BACKLOG = 5_000;
const CLAIMS = 10;

let under: NotifierUnderTest;
beforeAll(async () => {
  under = await NotifierUnderTest.start();
});
afterAll(() => under.stop());

test('a claim reads a handful of messages, however many wait', async () => {
  const now = new Date();
  await under.database.query(
    `INSERT INTO notifier.intents (id, type, event, trigger, template, service, recipient, rule, order_key, state, due_at, created_at)
     SELECT 'i' || n, 'message', 'e' || n, 't', 't', 's', '', 'r', 'o' || n, 'waiting', $1, $1 FROM generate_series(1, ${BACKLOG}) n`,
    [now],
  );
  const read = await under.database.transaction(async (tx) => {
    const within = { transaction: (work: (sql: typeof tx) => unknown) => work(tx), query: tx.query.bind(tx) } as unknown as Database;
    const intents = new PgIntents(within);
    for (let i = 0; i < CLAIMS; i++) expect(await intents.claim(now, 1, 60_000)).toHaveLength(1);
    const [row] = await tx.query<{ rows: string }>(
      `SELECT seq_tup_read + idx_tup_fetch AS rows FROM pg_stat_xact_user_tables WHERE schemaname = 'notifier' AND relname = 'intents'`,
    );
    return Number(row!.rows);
  });
  expect(read).toBeLessThan(CLAIMS * 100);
});
