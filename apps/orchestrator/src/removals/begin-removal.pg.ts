import type { SqlRunner } from '@flotilla/persistence';
import { HUB_CLUSTER } from '../fleet/resolve-destination.js';
import { addWork } from '../queue/work-queue.pg.js';

/** @returns whether nothing is left that a spoke or the hub's own store has to confirm */
export async function beginRemoval(sql: SqlRunner, uid: string, mode: 'prune' | 'orphan', now: number): Promise<boolean> {
  await sql.query('UPDATE orchestrator.applications SET is_deleting = true, is_status_due = true WHERE uid = $1', [uid]);
  const moved = await sql.query<{ cluster: string }>(
    `WITH gone AS (DELETE FROM orchestrator.assignments WHERE app_uid = $1 RETURNING cluster, app_uid, namespace, name)
     INSERT INTO orchestrator.removals (cluster, app_uid, namespace, name, mode, created_at)
     SELECT cluster, app_uid, namespace, name, $2, $3 FROM gone ON CONFLICT (cluster, app_uid) DO UPDATE SET mode = excluded.mode
     RETURNING cluster`,
    [uid, mode, now],
  );
  const changed = await sql.query<{ cluster: string }>(
    `UPDATE orchestrator.removals SET mode = $2 WHERE app_uid = $1 AND mode = 'orphan' AND $2 = 'prune' RETURNING cluster`,
    [uid, mode],
  );
  await addWork(
    sql,
    'cluster',
    [...moved, ...changed].map(({ cluster }) => cluster),
    now,
  );
  const [left] = await sql.query<{ removals: string; local: string }>(
    `SELECT (SELECT count(*) FROM orchestrator.removals WHERE app_uid = $1) AS removals,
            (SELECT count(*) FROM orchestrator.local_objects WHERE app_uid = $1)
            + (SELECT count(*) FROM orchestrator.removals WHERE app_uid = $1 AND cluster = $2) AS local`,
    [uid, HUB_CLUSTER],
  );
  if (Number(left?.local) > 0) await addWork(sql, 'local', [uid], now);
  return Number(left?.removals) + Number(left?.local) === 0;
}
