import type { AppStatus, DesiredApp } from '@flotilla/contracts';
import type { Database } from '@flotilla/persistence';
import { toApplication } from '../fleet/application-rows.pg.js';
import { HUB_CLUSTER } from '../fleet/resolve-destination.js';
import { addWork } from '../queue/work-queue.pg.js';
import type { MemberContent } from '../releases/freeze-member.js';
import { writeReports } from '../status/write-reports.pg.js';
import { type LocalObject, type LocalState, LocalStore } from './local.store.js';

export class PgLocalStore extends LocalStore {
  readonly #database: Database;

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  override async read(uid: string): Promise<LocalState | undefined> {
    const [row] = await this.#database.query(
      `SELECT a.*, s.label, s.content, s.apply, s.operation, st.operation->>'id' AS done_operation FROM orchestrator.applications a
       LEFT JOIN orchestrator.assignments s ON s.app_uid = a.uid LEFT JOIN orchestrator.app_status st ON st.app_uid = a.uid AND st.cluster = $2
       WHERE a.uid = $1`,
      [uid, HUB_CLUSTER],
    );
    if (!row) return undefined;
    const objects = await this.#database.query<LocalObject & Record<string, unknown>>(
      'SELECT kind, namespace, name, uid FROM orchestrator.local_objects WHERE app_uid = $1 ORDER BY kind, namespace, name',
      [uid],
    );
    return {
      application: toApplication(row),
      isDeleting: row.is_deleting === true,
      assignment: row.label
        ? {
            label: String(row.label),
            content: row.content as MemberContent,
            apply: row.apply === true,
            operation: (row.operation as DesiredApp['operation'] | null) ?? undefined,
          }
        : undefined,
      objects,
      doneOperation: (row.done_operation as string | null) ?? undefined,
    };
  }

  override saveObjects(uid: string, objects: readonly LocalObject[]): Promise<void> {
    return this.#database.transaction(async (sql) => {
      await sql.query('DELETE FROM orchestrator.local_objects WHERE app_uid = $1', [uid]);
      await sql.query(
        `INSERT INTO orchestrator.local_objects (app_uid, kind, namespace, name, uid)
         SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[])`,
        [
          uid,
          objects.map(({ kind }) => kind),
          objects.map(({ namespace }) => namespace),
          objects.map(({ name }) => name),
          objects.map((object) => object.uid),
        ],
      );
    });
  }

  override report(status: Omit<AppStatus, 'goneResources' | 'complete'>, now: number): Promise<void> {
    return this.#database.transaction(async (sql) => {
      await sql.query('DELETE FROM orchestrator.app_resources WHERE cluster = $1 AND app_uid = $2', [HUB_CLUSTER, status.uid]);
      const batch = { session: 0, seq: 0, apps: [status], gone: [], receipts: [] };
      await writeReports(sql, [{ cluster: HUB_CLUSTER, batch, position: { session: 0, seq: 0 }, endsSnapshot: false }]);
      await sql.query('UPDATE orchestrator.applications SET is_status_due = true WHERE uid = $1', [status.uid]);
      const rollouts = await sql.query<{ rollout: string }>(
        'SELECT rollout FROM orchestrator.assignments WHERE app_uid = $1 AND rollout IS NOT NULL',
        [status.uid],
      );
      await addWork(
        sql,
        'rollout',
        rollouts.map(({ rollout }) => rollout),
        now,
      );
    });
  }

  override finishRemoval(uid: string, now: number): Promise<void> {
    return this.#database.transaction(async (sql) => {
      await sql.query('DELETE FROM orchestrator.local_objects WHERE app_uid = $1', [uid]);
      await sql.query('DELETE FROM orchestrator.removals WHERE app_uid = $1 AND cluster = $2', [uid, HUB_CLUSTER]);
      await sql.query('DELETE FROM orchestrator.app_status WHERE app_uid = $1 AND cluster = $2', [uid, HUB_CLUSTER]);
      const rows = await sql.query<{ namespace: string; name: string }>(
        'SELECT namespace, name FROM orchestrator.applications WHERE uid = $1',
        [uid],
      );
      await addWork(
        sql,
        'application',
        rows.map(({ namespace, name }) => `${namespace}/${name}`),
        now,
      );
    });
  }
}
