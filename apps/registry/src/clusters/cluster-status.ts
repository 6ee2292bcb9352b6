import type { Cluster, Condition } from '@flotilla/contracts';
import type { ResourceTransaction } from '@flotilla/resources';

type ClusterStatus = NonNullable<Cluster['status']>;
export type ClusterPhase = NonNullable<ClusterStatus['phase']>;

export const clusterKey = (name: string) => ({ kind: 'Cluster', namespace: '', name });

/** The status with other fields; `since` moves only when the phase does. */
export function withStatus(cluster: Cluster, patch: Partial<ClusterStatus>, since: number): Cluster {
  const status: ClusterStatus = { ...cluster.status, ...patch };
  if (patch.phase !== undefined && patch.phase !== cluster.status?.phase) status.since = new Date(since).toISOString();
  return { ...cluster, status };
}

/** Sets a condition, or takes it away; `lastTransitionTime` moves only when its status does. */
export function withCondition(cluster: Cluster, type: string, condition: Omit<Condition, 'type'> | undefined, now: number): Cluster {
  const existing = cluster.status?.conditions ?? [];
  const before = existing.find((one) => one.type === type);
  const others = existing.filter((one) => one.type !== type);
  const lastTransitionTime = before && before.status === condition?.status ? before.lastTransitionTime : new Date(now).toISOString();
  const conditions = condition ? [...others, { type, ...condition, lastTransitionTime }] : others;
  if (!before && !condition) return cluster;
  return { ...cluster, status: { ...cluster.status, conditions } };
}

/** The cluster, held until commit. */
export async function lockCluster(tx: ResourceTransaction, name: string): Promise<Cluster | undefined> {
  return (await tx.getForUpdate(clusterKey(name))) as Cluster | undefined;
}
