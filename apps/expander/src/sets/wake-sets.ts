import type { ApplicationSet, Cluster, GitSource } from '@flotilla/contracts';
import { done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore } from '@flotilla/resources';
import { GUARD_CONFIG_KEY } from '../guard/read-guard.js';
import type { SetIndex } from './set-index.js';
import { type SetKey, type SetMemory, setKey } from './set-memory.js';

/** Turns keys of everything sets depend on into keys of sets; each set is reconciled by one worker at a time. */
export class WakeSets {
  readonly #store: ResourceStore;
  readonly #index: SetIndex;
  readonly #memory: SetMemory;
  readonly #wake: (key: SetKey, traceparent?: string) => void;

  constructor(store: ResourceStore, index: SetIndex, memory: SetMemory, wake: (key: SetKey, traceparent?: string) => void) {
    this.#store = store;
    this.#index = index;
    this.#memory = memory;
    this.#wake = wake;
  }

  async run(key: ResourceKey, traceparent?: string): Promise<Outcome> {
    for (const set of await this.#concerned(key)) this.#wake(set, traceparent);
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
        return this.#index.clusterMoved(name, await this.#store.get<Cluster & { [field: string]: unknown }>(key));
      case 'GitSource':
        return this.#index.sourceMoved(name, await this.#store.get<GitSource & { [field: string]: unknown }>(key));
      case 'AppProject':
        return this.#index.projectMoved(name);
      case 'ConfigMap':
        return namespace === GUARD_CONFIG_KEY.namespace && name === GUARD_CONFIG_KEY.name ? this.#index.all() : [];
      default:
        return [];
    }
  }

  async #setMoved(key: ResourceKey): Promise<SetKey[]> {
    const place = setKey(key.namespace, key.name);
    const set = await this.#store.get<ApplicationSet & { [field: string]: unknown }>(key);
    if (set) this.#index.put(place, set);
    else this.#index.drop(place);
    return [place];
  }
}
