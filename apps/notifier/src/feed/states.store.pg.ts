import type { SqlRunner } from '@flotilla/persistence';
import type { ResourceKey } from '@flotilla/resources';
import { MAX_STATES } from '../triggers/evaluate-triggers.js';

/** Remembered under this key: the phase of the document's last change. */
const PHASE = 'phase';

/** What is remembered of one document: what it said, oldest first, and its phase. */
export interface Memory {
  states: Set<string>;
  phase: string | undefined;
}

/** What changed of it. */
export interface MemoryChange {
  uid: string;
  set: readonly string[];
  cleared: readonly string[];
  phase?: string;
}

export async function readMemories(sql: SqlRunner, uids: readonly string[]): Promise<Map<string, Memory>> {
  const rows = await sql.query<{ uid: string; key: string; value: string }>(
    'SELECT uid, key, value FROM notifier.states WHERE uid = ANY($1) ORDER BY at, key',
    [[...new Set(uids)]],
  );
  const memories = new Map(uids.map((uid): [string, Memory] => [uid, { states: new Set(), phase: undefined }]));
  for (const { uid, key, value } of rows) {
    const memory = memories.get(uid)!;
    if (key === PHASE) memory.phase = value;
    else memory.states.add(key);
  }
  return memories;
}

/** Applies a change to what is in memory; the keys that had to go for the limit come back too. */
export function remember(memory: Memory, set: readonly string[], cleared: readonly string[]): string[] {
  for (const key of cleared) memory.states.delete(key);
  for (const key of set) memory.states.add(key);
  const surplus = [...memory.states].slice(0, Math.max(0, memory.states.size - MAX_STATES));
  for (const key of surplus) memory.states.delete(key);
  return surplus;
}

export async function writeMemories(sql: SqlRunner, changes: readonly MemoryChange[], at: Date): Promise<void> {
  const cleared = changes.flatMap(({ uid, cleared: keys }) => keys.map((key) => ({ uid, key })));
  if (cleared.length > 0) {
    await sql.query(
      `DELETE FROM notifier.states s USING unnest($1::text[], $2::text[]) AS t (uid, key) WHERE s.uid = t.uid AND s.key = t.key`,
      [cleared.map(({ uid }) => uid), cleared.map(({ key }) => key)],
    );
  }
  // The last change of a key in a page counts; one statement cannot write a row twice.
  const rows = new Map<string, { uid: string; key: string; value: string }>();
  for (const { uid, set, phase } of changes) {
    for (const key of set) rows.set(`${uid}\n${key}`, { uid, key, value: '' });
    if (phase !== undefined) rows.set(`${uid}\n${PHASE}`, { uid, key: PHASE, value: phase });
  }
  const all = [...rows.values()];
  if (all.length === 0) return;
  await sql.query(
    `INSERT INTO notifier.states AS old (uid, key, value, at) SELECT uid, key, value, $4 FROM unnest($1::text[], $2::text[], $3::text[]) AS t (uid, key, value)
     ON CONFLICT (uid, key) DO UPDATE SET value = excluded.value, at = excluded.at`,
    [all.map(({ uid }) => uid), all.map(({ key }) => key), all.map(({ value }) => value), at],
  );
}

export async function forgetDocuments(sql: SqlRunner, uids: readonly string[]): Promise<void> {
  if (uids.length === 0) return;
  await sql.query('DELETE FROM notifier.states WHERE uid = ANY($1)', [uids]);
  await sql.query('DELETE FROM notifier.deferred WHERE uid = ANY($1)', [uids]);
}

export interface Deferred extends ResourceKey {
  uid: string;
}

/** Documents that are looked at again when no later change does it first. */
export async function writeDeferred(sql: SqlRunner, deferred: readonly Deferred[], settled: readonly string[], dueAt: Date): Promise<void> {
  if (settled.length > 0) await sql.query('DELETE FROM notifier.deferred WHERE uid = ANY($1)', [settled]);
  const unique = [...new Map(deferred.map((row) => [row.uid, row])).values()];
  if (unique.length === 0) return;
  await sql.query(
    `INSERT INTO notifier.deferred (uid, kind, namespace, name, due_at)
     SELECT uid, kind, namespace, name, $5 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS t (uid, kind, namespace, name)
     ON CONFLICT (uid) DO NOTHING`,
    [
      unique.map(({ uid }) => uid),
      unique.map(({ kind }) => kind),
      unique.map((row) => row.namespace),
      unique.map(({ name }) => name),
      dueAt,
    ],
  );
}

export async function takeDeferred(sql: SqlRunner, now: Date, limit: number): Promise<Deferred[]> {
  return sql.query<Deferred & Record<string, unknown>>(
    `DELETE FROM notifier.deferred WHERE uid IN
       (SELECT uid FROM notifier.deferred WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
     RETURNING uid, kind, namespace, name`,
    [now, limit],
  );
}
