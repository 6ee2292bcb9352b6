import { type ApplicationDestination, LOCAL_SERVER } from '@flotilla/contracts';
import type { SecretsMode } from './secrets-mode.js';

export interface KnownCluster {
  cluster: string;
  server: string;
  displayName?: string;
  isLocal: boolean;
  project?: string;
  labels: Readonly<Record<string, string>>;
  kubernetesVersion?: string;
  apiVersions?: readonly string[];
  /** `group/Kind` of what it serves outside namespaces; absent while nobody reported it. */
  clusterKinds?: readonly string[];
  /** What its document says of its secrets; see secretsModeOf. */
  secrets?: SecretsMode;
}

/** Stands for the hub itself where no cluster of the fleet is marked local: only control-plane objects can go there. */
export const HUB_CLUSTER = '(hub)';
const IN_CLUSTER = 'in-cluster';

export type Destination = { cluster: string; known?: KnownCluster } | { problem: string };

/** Clusters by every name and address a destination may use; built once for many applications. */
export class ClusterIndex {
  readonly #byServer = new Map<string, KnownCluster[]>();
  readonly #byName = new Map<string, KnownCluster[]>();
  readonly #local: KnownCluster[];

  constructor(clusters: readonly KnownCluster[]) {
    for (const cluster of clusters) {
      push(this.#byServer, cluster.server, cluster);
      push(this.#byName, cluster.cluster, cluster);
      if (cluster.displayName !== undefined && cluster.displayName !== cluster.cluster) push(this.#byName, cluster.displayName, cluster);
    }
    this.#local = clusters.filter(({ isLocal }) => isLocal);
  }

  /** `server` and `name` exclude each other; unknown and ambiguous ones are problems, never "no cluster". */
  resolve({ server, name }: ApplicationDestination): Destination {
    if (server && name) return { problem: 'spec.destination has both server and name; keep one of them' };
    if (!server && !name) return { problem: 'spec.destination has neither server nor name; give one of them' };
    if (server === LOCAL_SERVER || (name === IN_CLUSTER && !this.#byName.has(IN_CLUSTER)))
      return this.#one(this.#local, 'marked local') ?? { cluster: HUB_CLUSTER };
    const what = server ? `server ${JSON.stringify(server)}` : `name ${JSON.stringify(name)}`;
    const found = server ? this.#byServer.get(server) : this.#byName.get(name!);
    return (
      this.#one(found ?? [], `with ${what}`) ?? {
        problem: `spec.destination: no cluster with ${what} is known; see: flotilla cluster list`,
      }
    );
  }

  #one(found: readonly KnownCluster[], what: string): Destination | undefined {
    const [first] = found;
    if (!first) return undefined;
    if (found.length > 1) {
      return {
        problem: `spec.destination: ${found.length} clusters are ${what} (${found
          .map(({ cluster }) => cluster)
          .sort()
          .slice(0, 5)
          .join(', ')}); name one of them`,
      };
    }
    return { cluster: first.cluster, known: first };
  }
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
