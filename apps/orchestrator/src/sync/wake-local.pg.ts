import type { SqlRunner } from '@flotilla/persistence';
import type { ResourceKey } from '@flotilla/resources';
import { addWork } from '../queue/work-queue.pg.js';

type Rows = { app_uid: string }[];
const due = (sql: SqlRunner, rows: Rows, now: number): Promise<void> =>
  addWork(
    sql,
    'local',
    rows.map(({ app_uid }) => app_uid),
    now,
  );

/** Applications that wait to see this document deleted, and the application itself when it waits for documents of its own. */
export async function wakeLocal(sql: SqlRunner, { kind, namespace, name }: ResourceKey, now: number): Promise<void> {
  const rows: Rows = await sql.query(
    `SELECT app_uid FROM orchestrator.local_objects WHERE left_at IS NOT NULL AND kind = $1 AND namespace = $2 AND name = $3
     UNION SELECT o.app_uid FROM orchestrator.applications a JOIN orchestrator.local_objects o ON o.app_uid = a.uid AND o.left_at IS NOT NULL
     WHERE $1 = 'Application' AND a.namespace = $2 AND a.name = $3`,
    [kind, namespace, name],
  );
  if (rows.length > 0) await due(sql, rows, now);
}

/** Applications that wait to see this document deleted. */
export async function wakeParents(sql: SqlRunner, { kind, namespace, name }: ResourceKey, now: number): Promise<void> {
  const rows: Rows = await sql.query(
    'SELECT app_uid FROM orchestrator.local_objects WHERE left_at IS NOT NULL AND kind = $1 AND namespace = $2 AND name = $3',
    [kind, namespace, name],
  );
  if (rows.length > 0) await due(sql, rows, now);
}

/** Applications with documents whose deletion waits, of one project or all. */
export async function wakeHeld(sql: SqlRunner, project: string | undefined, now: number): Promise<void> {
  const rows: Rows = await sql.query(
    `SELECT DISTINCT o.app_uid FROM orchestrator.local_objects o JOIN orchestrator.applications a ON a.uid = o.app_uid
     WHERE o.left_at IS NOT NULL AND ($1::text IS NULL OR a.project = $1)`,
    [project ?? null],
  );
  if (rows.length > 0) await due(sql, rows, now);
}
