import { type Clock, systemClock } from '@flotilla/kernel';
import type { Logger } from '@flotilla/telemetry';
import { ATTEMPT_MS, type DeliverIntent } from './deliver-intent.js';
import type { PgIntents } from './intents.store.pg.js';

/** Longer than an attempt may take, so that nobody takes it up while it runs. */
export const CLAIM_MS = 2 * ATTEMPT_MS;

export interface RunDeliveriesOptions {
  intents: PgIntents;
  deliver: DeliverIntent;
  clock: Clock;
  logger: Logger;
  /** Messages in the hands of this copy at once. */
  concurrency: number;
}

/** Keeps messages moving: claims what is due up to its concurrency, and looks again as soon as something ended. */
export class RunDeliveries {
  readonly #options: RunDeliveriesOptions;
  readonly #stopping = new AbortController();
  readonly #inWork = new Set<Promise<void>>();
  #claiming: Promise<void> | undefined;
  #isRung = false;
  #isStopped = false;

  constructor(options: RunDeliveriesOptions) {
    this.#options = options;
  }

  /** Looks for messages that are due; answers when it has looked. */
  wake(): Promise<void> {
    this.#isRung = true;
    this.#claiming ??= this.#claimAll().finally(() => {
      this.#claiming = undefined;
    });
    return this.#claiming;
  }

  /** Resolves when nothing is due or in work here. */
  async idle(): Promise<void> {
    await this.wake();
    while (this.#inWork.size > 0) {
      await Promise.all(this.#inWork);
      await this.wake();
    }
  }

  /** Lets attempts in work end for as long as `graceMs`; what is cut off is taken up later as a possible duplicate. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopped = true;
    const ended = new AbortController();
    const grace = systemClock.sleep(graceMs, ended.signal).catch(() => undefined);
    await Promise.race([Promise.all([this.#claiming, ...this.#inWork]), grace]);
    ended.abort();
    this.#stopping.abort();
    await Promise.all([this.#claiming, ...this.#inWork]);
  }

  async #claimAll(): Promise<void> {
    const { intents, clock, concurrency, logger } = this.#options;
    while (this.#isRung && !this.#isStopped && this.#inWork.size < concurrency) {
      this.#isRung = false;
      try {
        const claimed = await intents.claim(new Date(clock.now()), concurrency - this.#inWork.size, CLAIM_MS);
        for (const intent of claimed) {
          const work = this.#options.deliver
            .run(intent, this.#stopping.signal)
            .then(() => undefined)
            .catch((error: unknown) => logger.warn('what became of a notification could not be written', { key: intent.id, error }))
            .finally(() => {
              this.#inWork.delete(work);
              void this.wake();
            });
          this.#inWork.add(work);
        }
        if (claimed.length > 0) this.#isRung = true;
      } catch (error) {
        logger.warn('messages that are due could not be read', { error });
      }
    }
  }
}
