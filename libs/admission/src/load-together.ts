import { type Cluster, clusterNameOf, LOCAL_SERVER, type ResourceDocument, serverOf } from '@flotilla/contracts';

/** Documents of one load that describe the same object: the last one wins. One warning per object. */
export function findDuplicates(documents: readonly ResourceDocument[]): string[] {
  const counts = new Map<string, number>();
  for (const { kind, metadata } of documents) {
    const key = `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1).map(([key, count]) => `${key} is defined ${count} times; the last one wins`);
}

/** Clusters that share a name are told apart by their server. */
export function findSharedClusterNames(clusters: readonly Cluster[]): string[] {
  const servers = new Map<string, string[]>();
  for (const cluster of clusters) servers.set(clusterNameOf(cluster), [...(servers.get(clusterNameOf(cluster)) ?? []), serverOf(cluster)]);
  return [...servers]
    .filter(([, list]) => list.length > 1)
    .map(([name, list]) => `${list.length} clusters are named ${name} (${list.sort().join(', ')}); they are told apart by server`);
}

/** What Argo CD calls the cluster it runs in, whatever that is registered as here. */
const LOCAL_NAME = 'in-cluster';

export type DestinationAnswer = { cluster: Cluster } | { error: string } | { unknown: string };

/** The cluster a destination means: a server is exact, a name must fit one cluster only. */
export function resolveDestination(
  destination: { server?: string | undefined; name?: string | undefined },
  clusters: readonly Cluster[],
): DestinationAnswer {
  const { server, name } = destination;
  const { byServer, byName } = placesOf(clusters);
  const byAddress = server ? byServer.get(server) : byName.get(name ?? '');
  const found = byAddress ?? (name === LOCAL_NAME ? (byServer.get(LOCAL_SERVER) ?? []) : []);
  if (found.length === 1) return { cluster: found[0]! };
  if (found.length === 0) return { unknown: server ? `no cluster with server ${server} is known` : `no cluster named ${name} is known` };
  const list = found.map(serverOf).sort().join(', ');
  return {
    error: `there are ${found.length} clusters ${server ? `with server ${server}` : `named ${name} (${list})`}; name one by its server`,
  };
}

interface Places {
  byServer: ReadonlyMap<string, Cluster[]>;
  byName: ReadonlyMap<string, Cluster[]>;
}

/** One inventory is asked about thousands of applications, so it is sorted out once. */
const known = new WeakMap<readonly Cluster[], Places>();

function placesOf(clusters: readonly Cluster[]): Places {
  let places = known.get(clusters);
  if (!places) {
    places = { byServer: groupBy(clusters, serverOf), byName: groupBy(clusters, clusterNameOf) };
    known.set(clusters, places);
  }
  return places;
}

function groupBy(clusters: readonly Cluster[], keyOf: (cluster: Cluster) => string): Map<string, Cluster[]> {
  const groups = new Map<string, Cluster[]>();
  for (const cluster of clusters) {
    const group = groups.get(keyOf(cluster));
    if (group) group.push(cluster);
    else groups.set(keyOf(cluster), [cluster]);
  }
  return groups;
}
