import { type Cluster, clusterNameOf, isProtected, LOCAL_SERVER, type ResourceDocument, serverOf } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';

/** Whether an application goes to a cluster whose label protects what is on it; of clusters that share its name, any of them. */
export function protectedPlaces(clusters: readonly Cluster[]): (application: ResourceDocument) => boolean {
  const guarded = clusters.filter(({ metadata }) => isProtected(metadata.labels));
  const servers = new Set<unknown>(guarded.map(serverOf));
  const names = new Set<unknown>(guarded.flatMap((cluster) => [cluster.metadata.name, clusterNameOf(cluster)]));
  if (servers.has(LOCAL_SERVER)) names.add('in-cluster');
  return ({ spec }) => {
    const destination = isObject(spec) ? spec.destination : undefined;
    return isObject(destination) && (servers.has(destination.server) || names.has(destination.name));
  };
}
