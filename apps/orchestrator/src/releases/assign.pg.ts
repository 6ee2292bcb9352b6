import type { SqlRunner } from '@flotilla/persistence';
import { touchUnknownScopes } from '../fleet/touch-unknown-scopes.pg.js';
import { addWork } from '../queue/work-queue.pg.js';
import { markStatusDue } from '../status/mark-status-due.pg.js';
import type { AssignOptions } from './release.store.js';

/**
 * Points members of a release at their clusters. A member that moves to another cluster leaves a removal behind, one that comes
 * back takes its removal away. The label names the release in the desired document; from the second assignment on it has a
 * number, so that a report can never be taken for one on an earlier assignment of the same release. The lock on the application's row keeps
 * a deletion from slipping in between.
 */
const ASSIGN = `
WITH wanted AS (
  SELECT m.app_uid, m.cluster, m.digest, m.content, m.times_assigned, a.namespace, a.name, a.has_prune_finalizer, a.requested,
         r.name AS release_name, r.traceparent, old.cluster AS old_cluster, old.operation AS old_operation, old.label AS old_label
  FROM orchestrator.release_members m
  JOIN orchestrator.releases r ON r.release = m.release
  JOIN orchestrator.applications a ON a.uid = m.app_uid AND NOT a.is_deleting
  LEFT JOIN orchestrator.assignments old ON old.app_uid = m.app_uid
  WHERE m.release = $1 AND ($2::text[] IS NULL OR m.cluster = ANY($2)) AND ($3::text[] IS NULL OR m.app_uid = ANY($3))
    AND ($7::jsonb IS NOT NULL OR old.app_uid IS NULL OR old.digest <> m.digest OR old.cluster <> m.cluster OR old.apply <> $4)
  ORDER BY m.app_uid FOR NO KEY UPDATE OF a
),
moved AS (
  INSERT INTO orchestrator.removals (cluster, app_uid, namespace, name, mode, created_at)
  SELECT old_cluster, app_uid, namespace, name, CASE WHEN has_prune_finalizer THEN 'prune' ELSE 'orphan' END, $5 FROM wanted
  WHERE old_cluster IS NOT NULL AND old_cluster <> cluster
  ON CONFLICT (cluster, app_uid) DO UPDATE SET mode = excluded.mode RETURNING cluster
),
returned AS (
  DELETE FROM orchestrator.removals r USING wanted w WHERE r.cluster = w.cluster AND r.app_uid = w.app_uid
),
counted AS (
  UPDATE orchestrator.release_members m SET times_assigned = m.times_assigned + 1 FROM wanted w WHERE m.release = $1 AND m.app_uid = w.app_uid
),
written AS (
  INSERT INTO orchestrator.assignments AS s
    (app_uid, cluster, namespace, name, release, label, digest, content, apply, operation, rollout, traceparent, assigned_at)
  SELECT app_uid, cluster, namespace, name, $1,
         release_name || CASE WHEN times_assigned = 0 THEN '' ELSE '+' || (times_assigned + 1) END,
         digest, content, $4, COALESCE($7::jsonb, requested - 'at', old_operation), $6, traceparent, $5
  FROM wanted ORDER BY app_uid
  ON CONFLICT (app_uid) DO UPDATE SET cluster = excluded.cluster, release = excluded.release, label = excluded.label,
    digest = excluded.digest, content = excluded.content, apply = excluded.apply, operation = excluded.operation,
    rollout = excluded.rollout, traceparent = excluded.traceparent, assigned_at = excluded.assigned_at
  RETURNING cluster, app_uid, content->>'hubBundle' IS NOT NULL AS is_local
)
SELECT cluster, app_uid, is_local FROM written UNION SELECT cluster, '', false FROM moved`;

/** What moved: applications, and clusters whose desired document changes; those are due. */
export interface Assigned {
  uids: string[];
  clusters: string[];
}

export async function assignMembers(sql: SqlRunner, release: string, options: AssignOptions, now: number): Promise<Assigned> {
  const { clusters = null, uids = null, apply, rollout = null, again } = options;
  const operation = again && {
    id: again.operation,
    initiatedBy: { username: again.actor },
    sync: {},
  };
  const rows = await sql.query<{ cluster: string; app_uid: string; is_local: boolean }>(ASSIGN, [
    release,
    clusters,
    uids,
    apply,
    now,
    rollout,
    operation ? JSON.stringify(operation) : null,
  ]);
  if (rollout !== null && (clusters !== null || uids !== null)) {
    // Reports on what a member has already count for this run, too.
    await sql.query(
      `UPDATE orchestrator.assignments s SET rollout = $2 FROM orchestrator.release_members m
       WHERE m.release = $1 AND s.app_uid = m.app_uid AND s.cluster = m.cluster AND s.rollout IS DISTINCT FROM $2
         AND ($3::text[] IS NULL OR m.cluster = ANY($3)) AND ($4::text[] IS NULL OR m.app_uid = ANY($4))`,
      [release, rollout, clusters, uids],
    );
  }
  await markStatusDue(
    sql,
    rows.map(({ app_uid }) => app_uid),
  );
  const changed = [...new Set(rows.map(({ cluster }) => cluster))];
  await addWork(sql, 'cluster', changed, now);
  await touchUnknownScopes(sql, await definingOn(sql, release, changed), now);
  await addWork(
    sql,
    'local',
    rows.filter(({ is_local }) => is_local).map(({ app_uid }) => app_uid),
    now,
  );
  return { uids: rows.flatMap(({ app_uid }) => (app_uid === '' ? [] : [app_uid])), clusters: changed };
}

/** Clusters that are given definitions of kinds by this release. */
async function definingOn(sql: SqlRunner, release: string, clusters: readonly string[]): Promise<string[]> {
  if (clusters.length === 0) return [];
  const rows = await sql.query<{ cluster: string }>(
    `SELECT DISTINCT cluster FROM orchestrator.assignments WHERE release = $1 AND cluster = ANY($2)
       AND content->>'bundle' IN (SELECT bundle FROM orchestrator.defined_kinds)`,
    [release, clusters],
  );
  return rows.map(({ cluster }) => cluster);
}
