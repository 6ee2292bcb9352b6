import { type Cluster, clusterNameOf, serverOf } from '@flotilla/contracts';
import type { ClusterEntry } from '@flotilla/generators';

/** The inventory as generators see it. */
export function clusterEntries(clusters: readonly Cluster[]): ClusterEntry[] {
  return clusters.filter(isInInventory).map(entryOf);
}

/**
 * Clusters that wait for acceptance are not there yet. A revoked one still is: a lost credential is no reason to delete
 * applications, only the cluster's own removal is.
 */
export function isInInventory({ spec }: Cluster): boolean {
  return spec.accepted !== false;
}

export function entryOf(cluster: Cluster): ClusterEntry {
  return {
    name: clusterNameOf(cluster),
    server: serverOf(cluster),
    labels: cluster.metadata.labels ?? {},
    annotations: cluster.metadata.annotations ?? {},
    ...(cluster.spec.project ? { project: cluster.spec.project } : {}),
  };
}
