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
  for (const { uid, deployed } of outputs) {
    if (!deployed) continue;
    await sql.query(
      `INSERT INTO orchestrator.history (app_uid, id, release, entry)
       SELECT $1, n.id, $2, $3::jsonb || jsonb_build_object('id', n.id)
       FROM (SELECT COALESCE(max(id), -1) + 1 AS id FROM orchestrator.history WHERE app_uid = $1) n`,
      [uid, deployed.release, JSON.stringify(deployed.entry)],
    );
    await sql.query(
      'DELETE FROM orchestrator.history WHERE app_uid = $1 AND id <= (SELECT max(id) FROM orchestrator.history WHERE app_uid = $1) - $2',
      [uid, deployed.keep],
    );
  }
}
