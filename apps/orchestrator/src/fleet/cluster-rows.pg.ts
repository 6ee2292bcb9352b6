import type { SpokeId } from '@flotilla/kernel';
import type { Row, SqlRunner } from '@flotilla/persistence';
import { addWork } from '../queue/work-queue.pg.js';
import { markClustersDue } from '../status/mark-status-due.pg.js';
import { wakeHeld } from '../sync/wake-local.pg.js';
import type { FleetCluster } from './fleet.store.js';
import { type SecretsMode, secretsModeOf } from './secrets-mode.js';
import { touchUnknownScopes } from './touch-unknown-scopes.pg.js';

export function toCluster(row: Row): FleetCluster {
  return {
    cluster: String(row.cluster),
    server: String(row.server),
    displayName: (row.display_name as string | null) ?? undefined,
    isLocal: row.is_local === true,
    project: (row.project as string | null) ?? undefined,
    labels: row.labels as Record<string, string>,
    spokeId: (row.spoke_id as SpokeId | null) ?? undefined,
    phase: String(row.phase),
    since: (row.since as string | null) ?? undefined,
    session: Number(row.session),
    sealingKey: (row.sealing_key as string | null) ?? undefined,
    kubernetesVersion: (row.kubernetes_version as string | null) ?? undefined,
    apiVersions: (row.api_versions as string[] | null) ?? undefined,
    clusterKinds: (row.cluster_kinds as string[] | null) ?? undefined,
    secrets: (row.secrets as SecretsMode | null) ?? undefined,
    rv: String(row.rv),
  };
}

/** A document that was read before the one the row shows changes nothing. */
export async function saveCluster(sql: SqlRunner, cluster: FleetCluster, now: number): Promise<void> {
  const [before] = (await sql.query('SELECT * FROM orchestrator.clusters WHERE cluster = $1 FOR UPDATE', [cluster.cluster])).map(toCluster);
  const saved = await sql.query(
    `INSERT INTO orchestrator.clusters (cluster, spoke_id, server, display_name, labels, is_local, project, phase, since, session, sealing_key, kubernetes_version, api_versions,
       cluster_kinds, rv, secrets)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
     ON CONFLICT (cluster) DO UPDATE SET spoke_id = excluded.spoke_id, server = excluded.server, display_name = excluded.display_name,
       labels = excluded.labels, is_local = excluded.is_local, project = excluded.project, phase = excluded.phase, since = excluded.since,
       session = GREATEST(clusters.session, excluded.session), sealing_key = excluded.sealing_key,
       kubernetes_version = excluded.kubernetes_version, api_versions = excluded.api_versions,
       cluster_kinds = excluded.cluster_kinds, rv = excluded.rv, secrets = excluded.secrets
     WHERE clusters.rv <= excluded.rv RETURNING cluster`,
    [
      cluster.cluster,
      cluster.spokeId ?? null,
      cluster.server,
      cluster.displayName ?? null,
      JSON.stringify(cluster.labels),
      cluster.isLocal,
      cluster.project ?? null,
      cluster.phase,
      cluster.since ?? null,
      cluster.session,
      cluster.sealingKey ?? null,
      cluster.kubernetesVersion ?? null,
      cluster.apiVersions ? JSON.stringify(cluster.apiVersions) : null,
      cluster.clusterKinds ? JSON.stringify(cluster.clusterKinds) : null,
      cluster.rv,
      cluster.secrets ?? null,
    ],
  );
  if (saved.length === 0) return;
  if (before?.spokeId !== cluster.spokeId) await addWork(sql, 'cluster', [cluster.cluster], now);
  const isOther = (of: (cluster: FleetCluster | undefined) => string | undefined): boolean => of(before) !== of(cluster);
  if (isOther(placeOf) || isOther(labelsOf) || isOther(secretsModeOf)) await touchDestinations(sql, [before, cluster], now);
  // Their label may protect what goes to them, or not any more.
  if (before && labelsOf(before) !== labelsOf(cluster)) await wakeHeld(sql, undefined, now);
  if (servedBy(before) !== servedBy(cluster)) await touchUnknownScopes(sql, [cluster.cluster], now);
  if (before?.phase !== cluster.phase || before.since !== cluster.since) await touchLiveness(sql, cluster.cluster, now);
}

/** What stages select by. */
const labelsOf = (cluster: FleetCluster | undefined): string =>
  JSON.stringify(Object.entries(cluster?.labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));

const servedBy = (cluster: FleetCluster | undefined): string => JSON.stringify([cluster?.apiVersions, cluster?.clusterKinds]);

/** What destinations resolve by. */
const placeOf = (cluster: FleetCluster | undefined): string | undefined =>
  cluster && JSON.stringify([cluster.server, cluster.cluster, cluster.displayName, cluster.isLocal]);

/** Units of applications whose destination names the cluster, now or before, have another look. */
export async function touchDestinations(sql: SqlRunner, clusters: readonly (FleetCluster | undefined)[], now: number): Promise<void> {
  const known = clusters.filter((cluster) => cluster !== undefined);
  const names = known.flatMap(({ cluster, displayName, isLocal }) => [
    cluster,
    ...(displayName ? [displayName] : []),
    ...(isLocal ? ['in-cluster'] : []),
  ]);
  const rows = await sql.query<{ unit: string }>(
    'SELECT DISTINCT unit FROM orchestrator.applications WHERE destination_server = ANY($1) OR destination_name = ANY($2)',
    [known.map(({ server }) => server), names],
  );
  await addWork(
    sql,
    'unit',
    rows.map(({ unit }) => unit),
    now,
  );
}

/** A cluster that went silent or spoke again changes what its applications are served as, and what its rollouts may do. */
async function touchLiveness(sql: SqlRunner, cluster: string, now: number): Promise<void> {
  await markClustersDue(sql, [cluster]);
  const rollouts = await sql.query<{ rollout: string }>(
    `SELECT t.rollout FROM orchestrator.rollout_targets t JOIN orchestrator.rollouts r USING (rollout)
     WHERE t.cluster = $1 AND r.phase NOT IN ('Failed', 'RolledBack', 'Aborted', 'Superseded')`,
    [cluster],
  );
  await addWork(
    sql,
    'rollout',
    rollouts.map(({ rollout }) => rollout),
    now,
  );
}

export async function forgetCluster(sql: SqlRunner, cluster: string, now: number): Promise<void> {
  const [before] = (await sql.query('DELETE FROM orchestrator.clusters WHERE cluster = $1 RETURNING *', [cluster])).map(toCluster);
  const gone = await sql.query<{ namespace: string; name: string }>(
    `WITH removed AS (DELETE FROM orchestrator.removals WHERE cluster = $1 RETURNING namespace, name),
          dropped AS (DELETE FROM orchestrator.assignments WHERE cluster = $1 RETURNING namespace, name)
     SELECT * FROM removed UNION SELECT * FROM dropped`,
    [cluster],
  );
  for (const table of ['documents', 'reports', 'app_status', 'app_resources', 'document_grants', 'secret_receipts']) {
    await sql.query(`DELETE FROM orchestrator.${table} WHERE cluster = $1`, [cluster]);
  }
  await addWork(
    sql,
    'application',
    gone.map(({ namespace, name }) => `${namespace}/${name}`),
    now,
  );
  if (before) await touchDestinations(sql, [before], now);
}
