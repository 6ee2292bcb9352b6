import type { AppStatus, DesiredApp } from '@flotilla/contracts';
import type { Database } from '@flotilla/persistence';
import type { ResourceKey } from '@flotilla/resources';
import { toApplication } from '../fleet/application-rows.pg.js';
import type { FleetApplication } from '../fleet/fleet.store.js';
import { HUB_CLUSTER } from '../fleet/resolve-destination.js';
import { addWork } from '../queue/work-queue.pg.js';
import type { MemberContent } from '../releases/freeze-member.js';
import { markStatusDue } from '../status/mark-status-due.pg.js';
import { writeReports } from '../status/write-reports.pg.js';
import { type LocalObject, type LocalState, LocalStore } from './local.store.js';
import { wakeHeld, wakeLocal, wakeParents } from './wake-local.pg.js';

/** By then what was said of an application is in its served status, where those that wait for it read it. */
const STATUS_SERVED_MS = 1_000;

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
    const objects = await this.#objects('app_uid = $1', uid);
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
      await sql.query('DELETE FROM orchestrator.local_objects WHERE app_uid = $1 AND NOT uid = ANY($2)', [
        uid,
        objects.map((one) => one.uid),
      ]);
      await sql.query(
        `INSERT INTO orchestrator.local_objects AS o (app_uid, kind, namespace, name, uid, left_at, held_since)
         SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
         ON CONFLICT (app_uid, kind, namespace, name) DO UPDATE SET uid = excluded.uid, left_at = excluded.left_at, held_since = excluded.held_since,
           released_by = CASE WHEN excluded.left_at IS NOT NULL AND o.uid = excluded.uid THEN o.released_by END`,
        [
          uid,
          objects.map(({ kind }) => kind),
          objects.map(({ namespace }) => namespace),
          objects.map(({ name }) => name),
          objects.map((object) => object.uid),
          objects.map(({ leftAt }) => leftAt ?? null),
          objects.map(({ heldSince }) => heldSince ?? null),
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

  override explainRemoval({ uid, namespace, name }: FleetApplication, message: string | undefined, now: number): Promise<void> {
    return this.#database.transaction(async (sql) => {
      const changed = await sql.query(
        `INSERT INTO orchestrator.removals AS r (cluster, app_uid, namespace, name, mode, created_at, message) VALUES ($1, $2, $3, $4, 'prune', $5, $6)
         ON CONFLICT (cluster, app_uid) DO UPDATE SET message = excluded.message WHERE r.message IS DISTINCT FROM excluded.message RETURNING app_uid`,
        [HUB_CLUSTER, uid, namespace, name, now, message ?? null],
      );
      // What the last sync said of them is not so any more.
      const stale = await sql.query(
        'UPDATE orchestrator.app_status SET conditions = NULL WHERE app_uid = $1 AND cluster = $2 AND conditions IS NOT NULL RETURNING app_uid',
        [uid, HUB_CLUSTER],
      );
      if (changed.length + stale.length === 0) return;
      await markStatusDue(sql, [uid]);
      await wakeParents(sql, { kind: 'Application', namespace, name }, now + STATUS_SERVED_MS);
    });
  }

  override async leaving(namespace: string, name: string): Promise<{ uid: string; objects: LocalObject[] } | undefined> {
    const [row] = await this.#database.query<{ uid: string }>(
      'SELECT uid FROM orchestrator.applications WHERE namespace = $1 AND name = $2 ORDER BY first_seen DESC LIMIT 1',
      [namespace, name],
    );
    return row && { uid: row.uid, objects: await this.#objects('app_uid = $1 AND left_at IS NOT NULL', row.uid) };
  }

  override release(uid: string, objects: readonly LocalObject[], by: string, now: number): Promise<void> {
    return this.#database.transaction(async (sql) => {
      await sql.query(
        'UPDATE orchestrator.local_objects SET released_by = $3 WHERE app_uid = $1 AND left_at IS NOT NULL AND uid = ANY($2) AND released_by IS NULL',
        [uid, objects.map((object) => object.uid), by],
      );
      await addWork(sql, 'local', [uid], now);
    });
  }

  override wake(key: ResourceKey, now: number): Promise<void> {
    return wakeLocal(this.#database, key, now);
  }

  override wakeHeld(project: string | undefined, now: number): Promise<void> {
    return wakeHeld(this.#database, project, now);
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

  async #objects(where: string, uid: string): Promise<LocalObject[]> {
    const rows = await this.#database.query<Record<string, unknown>>(
      `SELECT kind, namespace, name, uid, left_at, held_since, released_by FROM orchestrator.local_objects WHERE ${where} ORDER BY kind, namespace, name`,
      [uid],
    );
    return rows.map((row) => ({
      kind: String(row.kind),
      namespace: String(row.namespace),
      name: String(row.name),
      uid: String(row.uid),
      ...(row.left_at === null ? {} : { leftAt: Number(row.left_at) }),
      ...(row.held_since === null ? {} : { heldSince: Number(row.held_since) }),
      ...(row.released_by === null ? {} : { releasedBy: String(row.released_by) }),
    }));
  }
}
