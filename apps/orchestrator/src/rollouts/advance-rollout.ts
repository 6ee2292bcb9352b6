import type { Clock } from '@flotilla/kernel';
import { decideAdvance } from './decide-advance.js';
import type { RolloutStore } from './rollout.store.js';

/** The engine's own step, by key. */
export class AdvanceRollout {
  readonly #rollouts: RolloutStore;
  readonly #clock: Clock;

  constructor(rollouts: RolloutStore, clock: Clock) {
    this.#rollouts = rollouts;
    this.#clock = clock;
  }

  async advance(rollout: string): Promise<void> {
    const now = this.#clock.now();
    await this.#rollouts.decide(rollout, 'service:orchestrator', now, ({ run }, observations) => decideAdvance(run, observations, now));
  }
}
