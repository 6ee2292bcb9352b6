import type { Row, SqlRunner } from '@flotilla/persistence';
import type { Target } from './rollout.js';
import type { NewTarget, StepRow } from './rollout.store.js';

/** Adds targets; one that is there already and has nothing to do begins anew. */
export async function insertTargets(sql: SqlRunner, rollout: string, targets: readonly NewTarget[], now: number): Promise<void> {
  await sql.query(
    `INSERT INTO orchestrator.rollout_targets AS t (rollout, cluster, app_uid, application, stage_index, position, state, since, reason)
     SELECT $1, u.cluster, u.app_uid, u.application, u.stage_index, u.position, u.state, $2, u.reason
     FROM unnest($3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::text[], $9::text[])
       AS u (cluster, app_uid, application, stage_index, position, state, reason)
     ON CONFLICT (rollout, cluster, app_uid) DO UPDATE SET state = excluded.state, reason = excluded.reason, since = excluded.since
     WHERE t.state IN ('healthy', 'unchanged')`,
    [
      rollout,
      now,
      targets.map(({ cluster }) => cluster),
      targets.map(({ application }) => application?.uid ?? ''),
      targets.map(({ application }) => application?.name ?? ''),
      targets.map(({ stageIndex }) => stageIndex),
      targets.map(({ position }) => position),
      targets.map(({ state }) => state),
      targets.map(({ reason }) => reason),
    ],
  );
}

export async function saveTargets(sql: SqlRunner, rollout: string, targets: readonly Target[]): Promise<void> {
  if (targets.length === 0) return;
  await sql.query(
    `UPDATE orchestrator.rollout_targets t
     SET state = u.state, was_assigned = u.was_assigned, has_begun = u.has_begun, since = u.since, reason = u.reason
     FROM unnest($2::text[], $3::text[], $4::text[], $5::boolean[], $6::boolean[], $7::bigint[], $8::text[])
       AS u (cluster, app_uid, state, was_assigned, has_begun, since, reason)
     WHERE t.rollout = $1 AND t.cluster = u.cluster AND t.app_uid = u.app_uid`,
    [
      rollout,
      targets.map(({ cluster }) => cluster),
      targets.map(({ application }) => application?.uid ?? ''),
      targets.map(({ state }) => state),
      targets.map(({ wasAssigned }) => wasAssigned),
      targets.map(({ hasBegun }) => hasBegun === true),
      targets.map(({ since }) => since),
      targets.map(({ reason }) => reason),
    ],
  );
}

/** In the order they are updated. */
export async function readTargets(sql: SqlRunner, rollout: string): Promise<Target[]> {
  const rows = await sql.query(
    'SELECT * FROM orchestrator.rollout_targets WHERE rollout = $1 ORDER BY stage_index, position, cluster, app_uid',
    [rollout],
  );
  return rows.map(toTarget);
}

/** Members of the run's release that are not being deleted. */
export async function readSteps(sql: SqlRunner, rollout: string, limit: number): Promise<StepRow[]> {
  const rows = await sql.query(
    `SELECT a.name AS app_name, a.document->'spec' AS spec, o.created_at, t.*
     FROM orchestrator.rollouts o
     JOIN orchestrator.release_members m ON m.release = o.release
     JOIN orchestrator.applications a ON a.uid = m.app_uid AND NOT a.is_deleting
     LEFT JOIN orchestrator.rollout_targets t ON t.rollout = o.rollout AND t.app_uid = m.app_uid
     WHERE o.rollout = $1
     ORDER BY CASE WHEN t.state IS NULL THEN 1 WHEN t.state IN ('healthy', 'unchanged', 'rolledBack') THEN 2 ELSE 0 END, a.name LIMIT $2`,
    [rollout, limit],
  );
  return rows.map((row) => ({
    name: String(row.app_name),
    spec: row.spec as StepRow['spec'],
    since: Number(row.created_at),
    ...(row.state === null ? {} : { target: toTarget(row) }),
  }));
}

const toTarget = (row: Row): Target => ({
  cluster: String(row.cluster),
  ...(row.app_uid === ''
    ? {}
    : { application: { uid: String(row.app_uid), name: String(row.application) }, hasBegun: row.has_begun === true }),
  stageIndex: Number(row.stage_index),
  position: Number(row.position),
  state: row.state as Target['state'],
  wasAssigned: row.was_assigned === true,
  since: Number(row.since),
  reason: String(row.reason),
});
