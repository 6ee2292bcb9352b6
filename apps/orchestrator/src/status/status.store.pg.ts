import type { StatusReply } from '@flotilla/contracts';
import type { Database, SqlRunner } from '@flotilla/persistence';
import { ingest } from './ingest.pg.js';
import { readInputs } from './read-inputs.pg.js';
import { type SpokeBatch, type StatusInput, type StatusOutput, StatusStore } from './status.store.js';

export class PgStatusStore extends StatusStore {
  readonly #database: Database;

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  override ingest(batches: readonly SpokeBatch[], now: number): Promise<StatusReply[]> {
    return this.#database.transaction((sql) => ingest(sql, batches, now));
  }

  override async project(limit: number, serve: (inputs: readonly StatusInput[]) => Promise<readonly StatusOutput[]>): Promise<boolean> {
    const [due] = await this.#database.query('SELECT 1 FROM orchestrator.applications WHERE is_status_due LIMIT 1');
    if (!due) return false;
    return this.#database.transaction(async (sql) => {
      const rows = await sql.query<{ uid: string }>(
        `UPDATE orchestrator.applications SET is_status_due = false
         WHERE uid IN (SELECT uid FROM orchestrator.applications WHERE is_status_due ORDER BY uid LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING uid`,
        [limit],
      );
      if (rows.length === 0) return false;
      await saveHistory(
        sql,
        await serve(
          await readInputs(
            sql,
            rows.map(({ uid }) => uid),
          ),
        ),
      );
      return rows.length === limit;
    });
  }
}

async function saveHistory(sql: SqlRunner, outputs: readonly StatusOutput[]): Promise<void> {
  const added = outputs.flatMap(({ uid, deployed }) => (deployed ? [{ uid, ...deployed }] : []));
  if (added.length === 0) return;
  const uids = added.map(({ uid }) => uid);
  await sql.query(
    `INSERT INTO orchestrator.history (app_uid, id, release, entry)
     SELECT u.uid, n.id, u.release, u.entry || jsonb_build_object('id', n.id)
     FROM unnest($1::text[], $2::text[], $3::jsonb[]) AS u (uid, release, entry)
     CROSS JOIN LATERAL (SELECT COALESCE(max(id), -1) + 1 AS id FROM orchestrator.history WHERE app_uid = u.uid) n`,
    [uids, added.map(({ release }) => release), added.map(({ entry }) => JSON.stringify(entry))],
  );
  await sql.query(
    `DELETE FROM orchestrator.history h USING unnest($1::text[], $2::int[]) AS u (uid, keep)
     WHERE h.app_uid = u.uid AND h.id <= (SELECT max(id) FROM orchestrator.history WHERE app_uid = u.uid) - u.keep`,
    [uids, added.map(({ keep }) => keep)],
  );
}
