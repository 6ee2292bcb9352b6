import { CONTROL_NAMESPACE, GUARD_CONFIG_MAP } from '@flotilla/contracts';
import type { Clock } from '@flotilla/kernel';
import { done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey } from '@flotilla/resources';
import type { LocalStore } from './local.store.js';

/** Names the applications of applications that a changed document lets go on: what they wait to see deleted, or what the guard is told. */
export class WakeLocal {
  readonly #local: LocalStore;
  readonly #clock: Clock;

  constructor(local: LocalStore, clock: Clock) {
    this.#local = local;
    this.#clock = clock;
  }

  /** Application, ApplicationSet or AppProject. Costs one lookup that finds nothing for all but the few that somebody waits for. */
  async moved(key: ResourceKey): Promise<void> {
    await this.#local.wake(key, this.#clock.now());
    if (key.kind === 'AppProject') await this.#local.wakeHeld(key.name, this.#clock.now());
  }

  async configMap({ namespace, name }: ResourceKey): Promise<Outcome> {
    if (namespace === CONTROL_NAMESPACE && name === GUARD_CONFIG_MAP) await this.#local.wakeHeld(undefined, this.#clock.now());
    return done;
  }
}
