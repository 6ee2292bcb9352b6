import { type Clock, systemClock } from '@flotilla/kernel';
import type { Logger } from '@flotilla/telemetry';
import type { Channel } from '../channels/channel.js';
import type { Settings, SettingsSource } from '../settings/live-settings.js';
import type { ClaimedIntent } from './claimed-intent.js';
import { ATTEMPT_MS, type DeliverIntent } from './deliver-intent.js';
import { freePlaces } from './free-places.js';
import type { PgIntents } from './intents.store.pg.js';

/** Longer than an attempt may take, so that nobody takes it up while it runs. */
export const CLAIM_MS = 2 * ATTEMPT_MS;

export interface RunDeliveriesOptions {
  intents: PgIntents;
  deliver: DeliverIntent;
  clock: Clock;
  logger: Logger;
  settings: SettingsSource;
  channels: readonly Channel[];
  /** Messages in the hands of this copy at once. */
  concurrency: number;
}

/** Keeps messages moving: claims what is due up to its concurrency, and looks again as soon as something ended. */
export class RunDeliveries {
  readonly #options: RunDeliveriesOptions;
  readonly #stopping = new AbortController();
  readonly #inWork = new Set<Promise<void>>();
  /** By service; those without are left out. */
  readonly #inHand = new Map<string, number>();
  #claiming: Promise<void> | undefined;
  #isRung = false;
  #isStopped = false;

  constructor(options: RunDeliveriesOptions) {
    this.#options = options;
  }

  /** Looks for messages that are due; answers when it has looked. */
  wake(): Promise<void> {
    this.#isRung = true;
    this.#claiming ??= this.#claimAll();
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
    await Promise.race([this.#drained(), grace]);
    ended.abort();
    this.#stopping.abort();
    await this.#drained();
  }

  async #drained(): Promise<void> {
    await this.#claiming;
    await Promise.all(this.#inWork);
  }

  async #claimAll(): Promise<void> {
    const { concurrency, logger } = this.#options;
    for (;;) {
      // Messages whose receipts one statement wrote end in the same turn: one claim fills all their places.
      await new Promise<void>((resolve) => void setImmediate(resolve));
      if (!this.#isRung || this.#isStopped || this.#inWork.size >= concurrency) {
        // In the same turn: whoever rings from now on starts anew.
        this.#claiming = undefined;
        return;
      }
      this.#isRung = false;
      try {
        const { claimed, loaded } = await this.#claim(concurrency - this.#inWork.size);
        for (const intent of claimed) this.#begin(intent, loaded);
        if (claimed.length > 0) this.#isRung = true;
      } catch (error) {
        logger.warn('messages that are due could not be read', { error });
      }
    }
  }

  /** Settings come first: a message that is claimed has begun, and must not stand in doubt because they could not be read. */
  async #claim(limit: number): Promise<{ claimed: ClaimedIntent[]; loaded: Settings }> {
    const { intents, clock, settings, channels } = this.#options;
    const loaded = await settings.load();
    const free = freePlaces(loaded.config, channels, this.#inHand);
    return { loaded, claimed: await intents.claim(new Date(clock.now()), { limit, free }, CLAIM_MS) };
  }

  #begin(intent: ClaimedIntent, loaded: Settings): void {
    const { deliver, logger } = this.#options;
    const work = deliver
      .run(intent, this.#stopping.signal, { loaded })
      .then(() => undefined)
      .catch((error: unknown) => logger.warn('what became of a notification could not be written', { key: intent.id, error }))
      .finally(() => {
        this.#inWork.delete(work);
        this.#count(intent.service, -1);
        void this.wake();
      });
    this.#inWork.add(work);
    this.#count(intent.service, 1);
  }

  #count(service: string, change: number): void {
    const count = (this.#inHand.get(service) ?? 0) + change;
    if (count > 0) this.#inHand.set(service, count);
    else this.#inHand.delete(service);
  }
}
