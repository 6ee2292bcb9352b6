import type { SqlRunner } from '@flotilla/persistence';
import type { NewIntent } from './intent.js';

/** What a message is rendered from, kept as it was when the event happened. */
export interface EventRow {
  id: string;
  kind: string;
  namespace: string;
  name: string;
  variables: Record<string, unknown>;
}

export async function insertEvents(sql: SqlRunner, events: readonly EventRow[], at: Date): Promise<void> {
  if (events.length === 0) return;
  await sql.query(
    `INSERT INTO notifier.events (id, kind, namespace, name, variables, at)
     SELECT id, kind, namespace, name, variables, $2
     FROM jsonb_to_recordset($1::jsonb) AS t (id text, kind text, namespace text, name text, variables jsonb)
     ON CONFLICT (id) DO NOTHING`,
    [JSON.stringify(events), at],
  );
}

/** Writes intents that are not known yet, and how many those were. One beyond a service's backlog is a dead letter at once. */
export async function insertIntents(sql: SqlRunner, intents: readonly NewIntent[], maxBacklog: number, now: Date): Promise<number> {
  if (intents.length === 0) return 0;
  const waiting = await countWaiting(sql, [...new Set(intents.map(({ service }) => service))]);
  const rows = intents.map(({ dueAt, ...intent }) => {
    const count = (waiting.get(intent.service) ?? 0) + 1;
    const dead = count > maxBacklog ? fullBacklog(intent.service, maxBacklog) : undefined;
    if (!dead) waiting.set(intent.service, count);
    return { ...intent, dueAt: dueAt.toISOString(), state: dead ? 'dead' : 'waiting', errorCode: dead?.code, error: dead?.message };
  });
  const written = await sql.query<{ id: string }>(
    `INSERT INTO notifier.intents (id, type, event, trigger, template, service, recipient, rule, order_key, group_key, update_key,
       state, due_at, created_at, ended_at, error_code, error)
     SELECT id, type, event, trigger, template, service, recipient, rule, "orderKey", "groupKey", "updateKey",
       state, "dueAt", $2::timestamptz, CASE state WHEN 'dead' THEN $2::timestamptz END, "errorCode", error
     FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (id text, type text, event text, trigger text, template text, service text,
       recipient text, rule text, "orderKey" text, "groupKey" text, "updateKey" text, state text, "dueAt" timestamptz,
       "errorCode" text, error text)) WITH ORDINALITY AS t (id, type, event, trigger, template, service, recipient, rule, "orderKey",
       "groupKey", "updateKey", state, "dueAt", "errorCode", error, place)
     ORDER BY place
     ON CONFLICT (id) DO NOTHING RETURNING id`,
    [JSON.stringify(rows), now],
  );
  return written.length;
}

const fullBacklog = (service: string, most: number) => ({
  code: 'backlog-full',
  message: `service ${service} has ${most} messages waiting already; replay this one when it is reachable again`,
});

async function countWaiting(sql: SqlRunner, services: readonly string[]): Promise<Map<string, number>> {
  const rows = await sql.query<{ service: string; waiting: string }>(
    `SELECT service, count(*) AS waiting FROM notifier.intents WHERE state IN ('waiting', 'sending') AND service = ANY($1) GROUP BY service`,
    [services],
  );
  return new Map(rows.map(({ service, waiting }) => [service, Number(waiting)]));
}
