import { LOCAL_SERVER } from '@flotilla/contracts';
import { LabelIndex, matchesSelector, type Requirement } from '@flotilla/selector';
import type { ClusterEntry, GeneratorContext, ProjectScope } from '../generator/generator.js';

/** The cluster the hub runs in, when nobody registered it. */
const LOCAL_CLUSTER: ClusterEntry = { name: 'in-cluster', server: LOCAL_SERVER, labels: {}, annotations: {} };

/** Clusters that the set's project permits, by name then server. */
export interface ClustersInScope {
  known: readonly ClusterEntry[];
  /** The hub's own cluster, unless somebody registered it or the project refuses it. */
  local: ClusterEntry | undefined;
  /** Those the project refuses: to be counted, never named to whoever may not see them. */
  refused: readonly ClusterEntry[];
  /** Those of `known` that meet every requirement, in the same order. */
  select(requirements: readonly Requirement[]): ClusterEntry[];
}

/** A matrix asks for each set of its first child, and one inventory is judged and sorted once for all of them. */
const sorted = new WeakMap<readonly ClusterEntry[], { scope: ProjectScope | undefined; clusters: ClustersInScope }>();

export async function clustersInScope({ ports: { clusters, scope } }: Pick<GeneratorContext, 'ports'>): Promise<ClustersInScope> {
  const all = await clusters();
  const known = sorted.get(all);
  if (known && known.scope === scope) return known.clusters;
  const inScope = judge(all, scope);
  sorted.set(all, { scope, clusters: inScope });
  return inScope;
}

function judge(all: readonly ClusterEntry[], scope: ProjectScope | undefined): ClustersInScope {
  const isPermitted = (cluster: ClusterEntry): boolean => scope === undefined || scope.refuseCluster(cluster) === undefined;
  const known: ClusterEntry[] = [];
  const refused: ClusterEntry[] = [];
  for (const cluster of all) (isPermitted(cluster) ? known : refused).push(cluster);
  const isRegistered = all.some(({ server }) => server === LOCAL_SERVER);
  known.sort(byNameAndServer);
  return { known, select: selectorOver(known), local: !isRegistered && isPermitted(LOCAL_CLUSTER) ? LOCAL_CLUSTER : undefined, refused };
}

/** One selector reads all labels; the many that a matrix fills in share an index of them. */
function selectorOver(known: readonly ClusterEntry[]): ClustersInScope['select'] {
  let index: LabelIndex<ClusterEntry> | undefined;
  let isFirst = true;
  return (requirements) => {
    if (isFirst) {
      isFirst = false;
      return known.filter(({ labels }) => matchesSelector(requirements, labels));
    }
    index ??= indexOf(known);
    return index.select(requirements);
  };
}

function indexOf(known: readonly ClusterEntry[]): LabelIndex<ClusterEntry> {
  const index = new LabelIndex<ClusterEntry>();
  for (const [i, cluster] of known.entries()) index.put(`${cluster.name}\0${cluster.server}\0${i}`, cluster.labels, cluster);
  return index;
}

const byNameAndServer = (a: ClusterEntry, b: ClusterEntry): number => compare(a.name, b.name) || compare(a.server, b.server);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
