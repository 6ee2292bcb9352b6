import type { SqlRunner } from '@flotilla/persistence';
import { HUB_CLUSTER } from '../fleet/resolve-destination.js';
import type { Observation, Observations } from './observation.js';
import type { Run } from './rollout.js';

/**
 * A target has succeeded when every member of the release there reports the label and bundle it is assigned, Synced and Healthy.
 * The label is new with every assignment, so a report on an earlier one never counts.
 */
const observe = (key: 'm.cluster' | 'm.app_uid'): string => `
SELECT ${key} AS key, m.cluster, c.phase, count(a.uid) AS members, count(*) FILTER (WHERE a.uid IS NOT NULL AND st.release = s.label) AS reported,
  count(*) FILTER (WHERE a.uid IS NOT NULL AND st.health = 'Healthy') AS healthy,
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
WHERE m.release = $1 GROUP BY ${key}, m.cluster, c.phase`;

export async function readObservations(sql: SqlRunner, release: string, per: Run['per']): Promise<Observations> {
  const rows = await sql.query<{
    key: string;
    cluster: string;
    phase: string | null;
    reported: string;
    healthy: string;
    members: string;
    succeeded: string;
    failure: string | null;
    pending: string | null;
  }>(observe(per === 'cluster' ? 'm.cluster' : 'm.app_uid'), [release]);
  const seen = new Map<string, Observation>();
  for (const { key, cluster, phase, members, reported, healthy, succeeded, failure, pending } of rows) {
    const outcome = Number(members) === 0 ? 'absent' : failure !== null ? 'failed' : succeeded === members ? 'succeeded' : 'progressing';
    const isConnected = phase === 'Connected' || cluster === HUB_CLUSTER;
    const message = failure ?? pending ?? '';
    seen.set(key, { isConnected, outcome, message, hasReport: Number(reported) > 0, isHealthy: healthy === members });
  }
  return (key) => seen.get(key) ?? { isConnected: false, outcome: 'absent', message: '' };
}
