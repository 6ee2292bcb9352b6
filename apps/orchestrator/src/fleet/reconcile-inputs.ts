import { type ApplicationSet, type GitSource, ROLLOUT_POLICY_ANNOTATION } from '@flotilla/contracts';
import { type Clock, digestJson } from '@flotilla/kernel';
import { done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore } from '@flotilla/resources';
import type { FleetStore } from './fleet.store.js';

/** Names the units that a changed GitSource, ApplicationSet, RolloutPolicy or AppProject concerns. */
export class ReconcileInputs {
  readonly #store: ResourceStore;
  readonly #fleet: FleetStore;
  readonly #clock: Clock;

  constructor(store: ResourceStore, fleet: FleetStore, clock: Clock) {
    this.#store = store;
    this.#fleet = fleet;
    this.#clock = clock;
  }

  async gitSource(key: ResourceKey): Promise<Outcome> {
    const document = await this.#store.get<GitSource>(key);
    if (!document) await this.#fleet.forgetGitSource(key.name);
    else if (document.status?.revision) {
      const { revision, traceparent, conditions } = document.status;
      const fault = conditions?.find(({ type, status }) => type === 'Ready' && status === 'False')?.message;
      const rv = document.metadata.resourceVersion ?? '0';
      await this.#fleet.saveGitSource(key.name, { ...document.spec, revision, traceparent, fault }, rv, this.#clock.now());
    }
    return done;
  }

  async applicationSet(key: ResourceKey): Promise<Outcome> {
    const document = await this.#store.get<ApplicationSet>(key);
    if (document?.metadata.uid) {
      const { strategy } = document.spec;
      const policy = document.metadata.annotations?.[ROLLOUT_POLICY_ANNOTATION];
      const rules = { policy, ...(strategy ? { strategy: digestJson(strategy) } : {}) };
      await this.#fleet.touchSet(document.metadata.uid, rules, this.#clock.now());
    }
    if (!document) await this.#fleet.touchHistory(key.namespace, key.name, this.#clock.now());
    return done;
  }

  async rule(key: ResourceKey): Promise<Outcome> {
    await this.#fleet.touchUnits(key.kind === 'AppProject' ? { project: key.name } : { policy: key.name }, this.#clock.now());
    return done;
  }
}
