import { newToken } from '@flotilla/kernel';
import type { Database, SqlRunner } from '@flotilla/persistence';
import { type WorkItem, type WorkKind, WorkQueue } from './work-queue.js';

/** Due, and not in the hands of a copy that is alive; a claim that ran out is due again. */
const DUE = '(claimed_until <= $1 AND (due_at <= $1 OR claimed_until > 0))';
const NEVER = '9000000000000000';

/**
 * Keys are looked up as one array and never joined: this table is empty most of the time, and a planner that believes so would read
 * the whole kind once for each key when a fleet becomes due, and run a joined SELECT with its LIMIT more than once.
 */
export class PgWorkQueue extends WorkQueue {
  readonly #database: Database;

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  override async add(kind: WorkKind, keys: readonly string[], dueAt: number, sql: SqlRunner = this.#database): Promise<void> {
    await addWork(sql, kind, keys, dueAt);
  }

  override async dueKinds(now: number): Promise<WorkKind[]> {
    const rows = await this.#database.query<{ kind: WorkKind }>(`SELECT DISTINCT kind FROM orchestrator.work WHERE ${DUE}`, [now]);
    return rows.map(({ kind }) => kind);
  }

  override async claim(kind: WorkKind, limit: number, now: number, leaseMs: number): Promise<WorkItem[]> {
    const claim = newToken(10);
    const rows = await this.#database.query<{ key: string; version: string; attempts: number }>(
      `UPDATE orchestrator.work w SET due_at = ${NEVER}, claimed_until = $3, claim = $5, attempts = attempts + 1
       WHERE w.kind = $2 AND w.key = ANY(ARRAY(
         SELECT key FROM orchestrator.work WHERE kind = $2 AND ${DUE} ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED
       )) RETURNING w.key, w.version, w.attempts`,
      [now, kind, now + leaseMs, limit, claim],
    );
    return rows.map(({ key, version, attempts }) => ({ kind, key, version: Number(version), claim, attempts }));
  }

  override async extend(items: readonly WorkItem[], until: number): Promise<void> {
    await this.#update(items, 'claimed_until = $4', [until]);
  }

  /** Two statements: one alone would overlook a key that is named between its snapshot and its lock. */
  override async finish(items: readonly WorkItem[]): Promise<void> {
    if (items.length === 0) return;
    await this.#database.query(
      `DELETE FROM orchestrator.work w WHERE w.kind = $1 AND w.claim = $2 AND w.key = ANY($3)
         AND (w.key, w.version) IN (SELECT key, version FROM unnest($3::text[], $4::bigint[]) AS i (key, version))`,
      [items[0]!.kind, items[0]!.claim, items.map(({ key }) => key), items.map(({ version }) => version)],
    );
    await this.#update(items, 'claimed_until = 0, claim = NULL, attempts = 0', []);
  }

  override async postpone(items: readonly WorkItem[], dueAt: number): Promise<void> {
    await this.#update(items, 'claimed_until = 0, claim = NULL, due_at = LEAST(w.due_at, $4)', [dueAt]);
  }

  async #update(items: readonly WorkItem[], change: string, values: readonly unknown[]): Promise<void> {
    if (items.length === 0) return;
    await this.#database.query(`UPDATE orchestrator.work w SET ${change} WHERE w.kind = $1 AND w.claim = $2 AND w.key = ANY($3)`, [
      items[0]!.kind,
      items[0]!.claim,
      items.map(({ key }) => key),
      ...values,
    ]);
  }
}

/** For transactions of other stores. Keys are sorted, so that two transactions never wait for each other's rows. */
export async function addWork(sql: SqlRunner, kind: WorkKind, keys: readonly string[], dueAt: number): Promise<void> {
  if (keys.length === 0) return;
  await sql.query(
    `INSERT INTO orchestrator.work AS w (kind, key, due_at) SELECT $1, key, $3 FROM unnest($2::text[]) AS t (key)
     ON CONFLICT (kind, key) DO UPDATE SET due_at = LEAST(w.due_at, excluded.due_at), version = w.version + 1`,
    [kind, [...new Set(keys)].sort(), dueAt],
  );
}
