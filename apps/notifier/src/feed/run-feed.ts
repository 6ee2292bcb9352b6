import type { Logger } from '@flotilla/telemetry';
import type { FeedChanges } from './feed-changes.js';

/** Lets one pass over the log run at a time in this process; whoever rings during a pass gets another one after it. */
export class RunFeed {
  readonly #feed: FeedChanges;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #isRung = false;

  constructor(feed: FeedChanges, logger: Logger) {
    this.#feed = feed;
    this.#logger = logger;
  }

  /** Reads what was committed before the call; never throws. */
  wake(): Promise<void> {
    this.#isRung = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async sweep(): Promise<void> {
    if (!this.#stopping.signal.aborted) await this.#feed.sweep(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isRung && !this.#stopping.signal.aborted) {
      this.#isRung = false;
      try {
        await this.#feed.run(this.#stopping.signal);
      } catch (error) {
        // What was not committed is read again by the next pass.
        this.#logger.warn('the change log could not be read', { error });
      }
    }
  }
}
