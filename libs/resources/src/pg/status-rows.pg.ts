import { createHash } from 'node:crypto';
import { isObject } from '@flotilla/kernel';
import type { SqlRunner } from '@flotilla/persistence';

type Status = Record<string, unknown>;

/** A status as its row holds it. */
export interface RestingStatus {
  uid: string;
  text: string;
  digest: Buffer;
  /** Sync, health and operation phase: what has to move for the log to get a row. */
  summary: string;
}

export function restingStatus(uid: string, status: Status): RestingStatus {
  const text = JSON.stringify(status);
  const parts = [at(status, 'sync', 'status'), at(status, 'health', 'status'), at(status, 'operationState', 'phase')];
  return { uid, text, digest: createHash('sha256').update(text).digest(), summary: parts.join('|') };
}

/** Dotted paths of the parts of a summary that differ. */
export function movedPaths(before: string | undefined, after: string): string[] {
  const paths = ['status.sync.status', 'status.health.status', 'status.operationState.phase'];
  const [old, now] = [before?.split('|') ?? [], after.split('|')];
  return paths.filter((_, i) => (old[i] ?? '') !== now[i]);
}

export async function readStatuses(sql: SqlRunner, uids: readonly string[]): Promise<Map<string, Status>> {
  if (uids.length === 0) return new Map();
  const rows = await sql.query<{ uid: string; status: Status }>(
    'SELECT uid, status FROM resources.application_status WHERE uid = ANY($1)',
    [uids],
  );
  return new Map(rows.map(({ uid, status }) => [uid, status]));
}

/** Writes rows as they are; what did not change is left alone. The uids written come back. */
export async function upsertStatuses(sql: SqlRunner, rows: readonly (RestingStatus & { rv: number })[]): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const written = await sql.query<{ uid: string }>(
    `INSERT INTO resources.application_status AS old (uid, rv, digest, summary, status)
     SELECT t.uid, t.rv, t.digest, t.summary, t.status::json
     FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::text[], $5::text[]) AS t (uid, rv, digest, summary, status)
     ON CONFLICT (uid) DO UPDATE SET rv = excluded.rv, digest = excluded.digest, summary = excluded.summary, status = excluded.status
       WHERE old.digest IS DISTINCT FROM excluded.digest
     RETURNING uid`,
    [
      rows.map(({ uid }) => uid),
      rows.map(({ rv }) => rv),
      rows.map(({ digest }) => digest),
      rows.map(({ summary }) => summary),
      rows.map(({ text }) => text),
    ],
  );
  return new Set(written.map(({ uid }) => uid));
}

export async function writeStatuses(sql: SqlRunner, rows: readonly { uid: string; rv: number; status: Status }[]): Promise<void> {
  await upsertStatuses(
    sql,
    rows.map(({ uid, rv, status }) => ({ ...restingStatus(uid, status), rv })),
  );
}

function at(status: Status, part: string, field: string): string {
  const value = status[part];
  return isObject(value) && typeof value[field] === 'string' ? value[field] : '';
}
