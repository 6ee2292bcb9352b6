import type { SqlRunner } from '@flotilla/persistence';
import { HUB_CLUSTER } from '../fleet/resolve-destination.js';
import type { Observation, Observations } from './observation.js';

/**
 * A cluster has succeeded when every member of the release there reports the label and bundle it is assigned, Synced and Healthy.
 * The label is new with every assignment, so a report on an earlier one never counts.
 */
const OBSERVE = `
SELECT m.cluster, c.phase, count(a.uid) AS members,
  count(*) FILTER (WHERE a.uid IS NOT NULL AND st.release = s.label AND st.bundle = s.content->>'bundle' AND st.sync = 'Synced' AND st.health = 'Healthy') AS succeeded,
  min(a.name || ': ' || st.health || ', ' || st.sync || COALESCE(': ' || COALESCE(NULLIF(st.message, ''), st.operation->>'message'), '')) FILTER (
    WHERE a.uid IS NOT NULL AND st.release = s.label AND (st.health = 'Degraded' OR st.operation->>'phase' IN ('Failed', 'Error'))) AS failure,
  min(a.name || ': ' || COALESCE(st.health || ', ' || st.sync || COALESCE(': ' || st.message, ''), 'no report')) FILTER (
    WHERE a.uid IS NOT NULL AND NOT (st.release IS NOT DISTINCT FROM s.label AND st.sync = 'Synced' AND st.health = 'Healthy')) AS pending
FROM orchestrator.release_members m
LEFT JOIN orchestrator.applications a ON a.uid = m.app_uid AND NOT a.is_deleting
LEFT JOIN orchestrator.assignments s ON s.app_uid = m.app_uid AND s.cluster = m.cluster
LEFT JOIN orchestrator.app_status st ON st.app_uid = m.app_uid AND st.cluster = m.cluster
LEFT JOIN orchestrator.clusters c ON c.cluster = m.cluster
WHERE m.release = $1 GROUP BY m.cluster, c.phase`;

export async function readObservations(sql: SqlRunner, release: string): Promise<Observations> {
  const rows = await sql.query<{
    cluster: string;
    phase: string | null;
    members: string;
    succeeded: string;
    failure: string | null;
    pending: string | null;
  }>(OBSERVE, [release]);
  const seen = new Map<string, Observation>();
  for (const { cluster, phase, members, succeeded, failure, pending } of rows) {
    const outcome = Number(members) === 0 ? 'absent' : failure !== null ? 'failed' : succeeded === members ? 'succeeded' : 'progressing';
    seen.set(cluster, { isConnected: phase === 'Connected' || cluster === HUB_CLUSTER, outcome, message: failure ?? pending ?? '' });
  }
  return (cluster) => seen.get(cluster) ?? { isConnected: false, outcome: 'absent', message: '' };
}
