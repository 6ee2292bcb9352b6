import { type ApplicationSet, type Cluster, CONTROL_NAMESPACE, type ConfigMap, type GitSource } from '@flotilla/contracts';
import { done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore } from '@flotilla/resources';
import { GUARD_CONFIG_KEY } from '../guard/read-guard.js';
import { DECISION_KINDS, decisionKindOf } from '../inputs/decision-inputs.js';
import type { SetKey } from './cluster-moves.js';
import type { SetIndex } from './set-index.js';
import { type SetMemory, setKey } from './set-memory.js';

/** Documents carry whole seconds, of other processes' clocks. */
const CLOCK_MARGIN_MS = 5_000;

/** Turns keys of everything sets depend on into keys of sets; each set is reconciled by one worker at a time. */
export class WakeSets {
  readonly #store: ResourceStore;
  readonly #index: SetIndex;
  readonly #memory: SetMemory;
  readonly #startedAt: number;
  readonly #wake: (key: SetKey, traceparent?: string) => void;

  /** @param startedAt milliseconds since the epoch: sets may have been expanded with a cluster made before, though the index has not seen it */
  constructor(
    store: ResourceStore,
    index: SetIndex,
    memory: SetMemory,
    wake: (key: SetKey, traceparent?: string) => void,
    startedAt = Number.POSITIVE_INFINITY,
  ) {
    this.#startedAt = startedAt;
    this.#store = store;
    this.#index = index;
    this.#memory = memory;
    this.#wake = wake;
  }

  async run(key: ResourceKey, traceparent?: string): Promise<Outcome> {
    for (const set of await this.#concerned(key)) {
      if (key.kind !== 'Cluster') this.#memory.moves.otherwiseMoved(set);
      this.#wake(set, traceparent);
    }
    return done;
  }

  async #concerned(key: ResourceKey): Promise<SetKey[]> {
    const { kind, namespace, name } = key;
    switch (kind) {
      case 'ApplicationSet':
        return this.#setMoved(key);
      case 'Application':
        return this.#memory.setsOf(namespace, name, await this.#store.get(key));
      case 'Cluster':
        return this.#clusterMoved(key);
      case 'GitSource':
        return this.#index.sourceMoved(name, await this.#store.get<GitSource & { [field: string]: unknown }>(key));
      case 'AppProject':
        return this.#index.projectMoved(name);
      case 'ConfigMap':
        return this.#configMapMoved(key);
      default:
        return DECISION_KINDS.includes(kind) ? this.#decisionMoved(key) : [];
    }
  }

  async #clusterMoved(key: ResourceKey): Promise<SetKey[]> {
    const cluster = await this.#store.get<Cluster & { [field: string]: unknown }>(key);
    const before = this.#index.cluster(key.name);
    const createdAt = Date.parse(cluster?.metadata.creationTimestamp ?? '');
    const isKnown = before !== undefined || createdAt > this.#startedAt + CLOCK_MARGIN_MS;
    const sets = this.#index.clusterMoved(key.name, cluster);
    for (const set of sets) {
      if (isKnown) this.#memory.moves.clusterMoved(set, key.name, before);
      else this.#memory.moves.otherwiseMoved(set);
    }
    return sets;
  }

  #configMapMoved({ namespace, name }: ResourceKey): SetKey[] {
    if (namespace === GUARD_CONFIG_KEY.namespace && name === GUARD_CONFIG_KEY.name) return this.#index.all();
    return namespace === CONTROL_NAMESPACE ? this.#index.configMapMoved(name) : [];
  }

  /** Decisions of the control namespace alone are read, as in Argo CD. */
  async #decisionMoved(key: ResourceKey): Promise<SetKey[]> {
    if (key.namespace !== CONTROL_NAMESPACE) return [];
    const ofKind = new Set<string>();
    for (const name of this.#index.decisionConfigMaps()) {
      const place = { kind: 'ConfigMap', namespace: CONTROL_NAMESPACE, name };
      const configMap = await this.#store.get<ConfigMap & { [field: string]: unknown }>(place);
      if (decisionKindOf(configMap?.data) === key.kind) ofKind.add(name);
    }
    return this.#index.decisionMoved(key, await this.#store.get(key), ofKind);
  }

  async #setMoved(key: ResourceKey): Promise<SetKey[]> {
    const place = setKey(key.namespace, key.name);
    const set = await this.#store.get<ApplicationSet & { [field: string]: unknown }>(key);
    if (set) this.#index.put(place, set);
    else this.#index.drop(place);
    return [place];
  }
}
