import { type Cluster, serverOf } from '@flotilla/contracts';
import { type Clock, isSpokeId } from '@flotilla/kernel';
import { done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore } from '@flotilla/resources';
import type { FleetCluster, FleetStore } from './fleet.store.js';

/** Keeps the row of a Cluster document. */
export class ReconcileCluster {
  readonly #store: ResourceStore;
  readonly #fleet: FleetStore;
  readonly #clock: Clock;

  constructor(store: ResourceStore, fleet: FleetStore, clock: Clock) {
    this.#store = store;
    this.#fleet = fleet;
    this.#clock = clock;
  }

  async reconcile(key: ResourceKey): Promise<Outcome> {
    const document = await this.#store.get<Cluster>(key);
    if (document) await this.#fleet.saveCluster(toFleetCluster(document), this.#clock.now());
    else await this.#fleet.forgetCluster(key.name, this.#clock.now());
    return done;
  }

  /** Reads the document now: a session that just began may be ahead of its row. */
  async refresh(cluster: string): Promise<void> {
    await this.reconcile({ kind: 'Cluster', namespace: '', name: cluster });
  }

  /** A spoke no row knows may have been bound a moment ago. */
  async find(spoke: string): Promise<void> {
    const { items } = await this.#store.list<Cluster>('Cluster', { fields: [{ path: 'spec.spokeId', value: spoke }], limit: 2 });
    for (const { metadata } of items) await this.refresh(metadata.name);
  }
}

export function toFleetCluster(document: Cluster): FleetCluster {
  const { metadata, spec, status } = document;
  return {
    cluster: metadata.name,
    server: serverOf(document),
    displayName: spec.name,
    isLocal: spec.local === true,
    project: spec.project,
    labels: metadata.labels ?? {},
    spokeId: isSpokeId(spec.spokeId) ? spec.spokeId : undefined,
    phase: status?.phase ?? 'Unknown',
    since: status?.since,
    session: status?.session ?? 0,
    sealingKey: status?.sealingKey,
    kubernetesVersion: status?.kubernetesVersion,
    apiVersions: status?.apiVersions,
    clusterKinds: status?.clusterKinds,
    secrets: spec.secrets,
    rv: metadata.resourceVersion ?? '0',
  };
}
