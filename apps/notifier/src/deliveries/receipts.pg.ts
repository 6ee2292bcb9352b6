import type { NotifierRequest, NotifyReceipt } from '@flotilla/contracts';
import { ConflictError, NotFoundError } from '@flotilla/kernel';
import type { Database, Row, SqlRunner } from '@flotilla/persistence';

/** How long messages that came to an end are kept, with their events. */
const KEEP_MS = 7 * 24 * 3_600_000;
/** Dead letters that are kept at most. */
const MAX_DEAD = 10_000;
const DEFAULT_LIMIT = 50;

const COLUMNS = `i.id, i.state, i.type, i.trigger, i.template, i.service, i.recipient, i.created_at, i.ended_at, i.due_at, i.attempts,
  i.may_be_duplicate, i.provider_id, i.thread_id, i.detail, i.error_code, i.error, e.kind, e.namespace, e.name`;

/** @returns newest first */
export async function listReceipts(sql: SqlRunner, { state, service, name, limit }: NotifierRequest<'receipts'>): Promise<NotifyReceipt[]> {
  const rows = await sql.query(
    `SELECT ${COLUMNS} FROM notifier.intents i LEFT JOIN notifier.events e ON e.id = i.event
     WHERE ($1::text IS NULL OR i.state = $1) AND ($2::text IS NULL OR i.service = $2) AND ($3::text IS NULL OR e.name = $3)
     ORDER BY i.seq DESC LIMIT $4`,
    [state ?? null, service ?? null, name ?? null, limit ?? DEFAULT_LIMIT],
  );
  return rows.map(receiptOf);
}

export async function readReceipt(sql: SqlRunner, id: string): Promise<NotifyReceipt | undefined> {
  const [row] = await sql.query(`SELECT ${COLUMNS} FROM notifier.intents i LEFT JOIN notifier.events e ON e.id = i.event WHERE i.id = $1`, [
    id,
  ]);
  return row && receiptOf(row);
}

/**
 * Makes a dead letter due again, with all its attempts. An id may be cut short as long as it names one message.
 * @throws NotFoundError, ConflictError
 */
export async function replayDeadLetter(database: Database, id: string, now: Date): Promise<NotifyReceipt> {
  const found = await database.query<{ id: string; state: string }>(
    `SELECT id, state FROM notifier.intents WHERE id >= $1 AND id < $1 || 'g' LIMIT 2`,
    [id],
  );
  const [only] = found;
  if (!only || !/^[0-9a-f]{6,64}$/.test(id)) throw new NotFoundError(`there is no message ${id}; flotilla notify receipts lists them`);
  if (found.length > 1) throw new ConflictError(`${id} is the beginning of several ids; give more of it`);
  const [row] = await database.query<{ id: string }>(
    `UPDATE notifier.intents SET state = 'waiting', due_at = $2, ended_at = NULL, failures = 0, created_at = $2
     WHERE id = $1 AND state = 'dead' RETURNING id`,
    [only.id, now],
  );
  if (!row) throw new ConflictError(`message ${id} is ${only.state}; only dead letters are sent again`);
  return (await readReceipt(database, only.id))!;
}

/** Forgets what came to its end long ago, and the oldest dead letters beyond the limit. */
export async function pruneMessages(database: Database, now: Date): Promise<void> {
  const before = new Date(now.getTime() - KEEP_MS);
  await database.query('DELETE FROM notifier.intents WHERE ended_at < $1', [before]);
  await database.query(
    `DELETE FROM notifier.intents WHERE id IN (SELECT id FROM notifier.intents WHERE state = 'dead' ORDER BY seq DESC OFFSET $1)`,
    [MAX_DEAD],
  );
  await database.query(
    `DELETE FROM notifier.events e WHERE at < $1 AND NOT EXISTS (SELECT 1 FROM notifier.intents i WHERE i.event = e.id)`,
    [before],
  );
  await database.query('DELETE FROM notifier.storms WHERE window_start < $1', [before]);
}

function receiptOf(row: Row): NotifyReceipt {
  const text = (column: string): string | undefined => (row[column] as string | null) ?? undefined;
  const time = (column: string): string | undefined => (row[column] as Date | null)?.toISOString();
  const state = row.state as NotifyReceipt['state'];
  const about = row.kind === null ? undefined : [row.kind, row.namespace, row.name].filter((part) => part !== '').join('/');
  const optional = {
    about,
    endedAt: time('ended_at'),
    providerId: text('provider_id'),
    threadId: text('thread_id'),
    detail: text('detail'),
    error: text('error') === undefined ? undefined : { code: text('error_code') ?? '', message: text('error')! },
    nextAttemptAt: state === 'waiting' ? time('due_at') : undefined,
  };
  return {
    id: text('id')!,
    state,
    type: row.type as NotifyReceipt['type'],
    trigger: text('trigger')!,
    template: text('template')!,
    service: text('service')!,
    recipient: text('recipient')!,
    createdAt: time('created_at')!,
    attempts: row.attempts as number,
    mayBeDuplicate: row.may_be_duplicate as boolean,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}
