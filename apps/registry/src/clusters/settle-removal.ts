import {
  type Application,
  type Cluster,
  type Condition,
  clusterNameOf,
  IN_USE_FINALIZER,
  isProtected,
  LOCAL_SERVER,
  REMOVAL_HOLD_LIMIT,
  type ResourceDocument,
  removalHeld,
  serverOf,
} from '@flotilla/contracts';
import { jsonEqual } from '@flotilla/kernel';
import type { ResourceTransaction } from '@flotilla/resources';
import { clusterKey, lockCluster, withCondition } from './cluster-status.js';

/** Says why a cluster that people delete is still there. */
export const DELETION_HELD = 'DeletionHeld';
/** What a deletion waits for wakes it; this is for what a broken watch did not tell. */
export const HELD_RESYNC_MS = 2 * 60_000;
/** The name Argo CD gives to the cluster it runs in. */
const IN_CLUSTER = 'in-cluster';

/** Why a cluster may not go. */
export interface ClusterHold {
  condition: Omit<Condition, 'type'>;
  /** The applications that are in its way, `namespace/name`; the first few where they are many. */
  applications: string[];
}

/** Why the cluster may not go; undefined when it may. */
export async function removalHold(tx: ResourceTransaction, cluster: Cluster): Promise<ClusterHold | undefined> {
  const { name, labels } = cluster.metadata;
  const applications = await applicationsOf(tx, cluster);
  const verb = `flotilla cluster confirm-delete ${name}`;
  const condition = removalHeld({ kind: 'Cluster', name, applications, isProtected: isProtected(labels), verb });
  return condition && { condition, applications };
}

/** The first applications whose destination may mean the cluster, by every name and address it has. */
export async function applicationsOf(tx: ResourceTransaction, cluster: Cluster): Promise<string[]> {
  const names = new Set([cluster.metadata.name, clusterNameOf(cluster), ...(serverOf(cluster) === LOCAL_SERVER ? [IN_CLUSTER] : [])]);
  const fields = [
    ...[...names].map((value) => ({ path: 'spec.destination.name', value })),
    { path: 'spec.destination.server', value: serverOf(cluster) },
  ];
  const found = new Set<string>();
  for (const field of fields) {
    const { items } = await tx.list<Application & ResourceDocument>('Application', { fields: [field], limit: REMOVAL_HOLD_LIMIT });
    for (const { metadata } of items) found.add(`${metadata.namespace}/${metadata.name}`);
  }
  return [...found].sort().slice(0, REMOVAL_HOLD_LIMIT);
}

/**
 * Lets a cluster that is marked deleted go, or says what holds it. Nothing of its applications is touched either way.
 * @returns whether it is gone, and if not what holds it; nothing does where somebody else's finalizer is in the way
 */
export async function settleRemoval(
  tx: ResourceTransaction,
  name: string,
  { now, isConfirmed = false }: { now: number; isConfirmed?: boolean },
): Promise<{ isGone: boolean; hold?: ClusterHold }> {
  const cluster = await lockCluster(tx, name);
  if (!cluster) return { isGone: true };
  const hold = isConfirmed ? undefined : await removalHold(tx, cluster);
  if (hold) {
    const marked = withCondition(cluster, DELETION_HELD, hold.condition, now);
    if (!jsonEqual(marked.status, cluster.status)) await tx.updateStatus(marked);
    return { isGone: false, hold };
  }
  await tx.update<Cluster>(withFinalizer(cluster, false));
  return { isGone: (await tx.get(clusterKey(name))) === undefined };
}

export function withFinalizer<T extends Cluster>(cluster: T, isKept: boolean): T {
  const others = (cluster.metadata.finalizers ?? []).filter((finalizer) => finalizer !== IN_USE_FINALIZER);
  return { ...cluster, metadata: { ...cluster.metadata, finalizers: isKept ? [...others, IN_USE_FINALIZER] : others } };
}

export const hasFinalizer = ({ metadata }: Cluster): boolean => metadata.finalizers?.includes(IN_USE_FINALIZER) === true;
