import { type Clock, messageOf } from '@flotilla/kernel';
import type { Log } from './log.js';

export interface KeyedQueueOptions {
  /** Keys worked on at once. */
  concurrency: number;
  clock: Clock;
  log: Log;
  /** Resolves with when to come back, if at all. Throwing means unknown: it is tried again with a growing wait. */
  work: (key: string) => Promise<number | undefined>;
}

const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;

/** One worker per key: a key named while it is worked on is worked on once more, and the earliest wanted time counts. */
export class KeyedQueue {
  readonly #options: KeyedQueueOptions;
  readonly #due = new Map<string, number>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #failures = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  /** When the timer rings. */
  #ringsAt = Number.POSITIVE_INFINITY;
  #isStopped = false;

  constructor(options: KeyedQueueOptions) {
    this.#options = options;
  }

  add(key: string, afterMs = 0): void {
    if (this.#isStopped) return;
    const at = this.#options.clock.now() + afterMs;
    if (at < (this.#due.get(key) ?? Number.POSITIVE_INFINITY)) this.#due.set(key, at);
    // What runs is looked at when it ends, and many keys named at once need one timer.
    if (!this.#running.has(key) && at < this.#ringsAt) this.#plan();
  }

  forget(key: string): void {
    this.#due.delete(key);
    this.#failures.delete(key);
  }

  /** Resolves when whatever is under way has ended; nothing new begins. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#due.clear();
    await Promise.all(this.#running.values());
  }

  #plan(): void {
    clearTimeout(this.#timer);
    this.#ringsAt = Number.POSITIVE_INFINITY;
    if (this.#isStopped || this.#running.size >= this.#options.concurrency) return;
    for (const [key, at] of this.#due) if (at < this.#ringsAt && !this.#running.has(key)) this.#ringsAt = at;
    if (this.#ringsAt === Number.POSITIVE_INFINITY) return;
    const wait = this.#ringsAt - this.#options.clock.now();
    this.#timer = setTimeout(() => this.#start(), Math.min(Math.max(0, wait), 2_147_483_000));
  }

  #start(): void {
    const now = this.#options.clock.now();
    const ready = [...this.#due].filter(([key, at]) => at <= now && !this.#running.has(key)).sort((a, b) => a[1] - b[1]);
    for (const [key] of ready.slice(0, this.#options.concurrency - this.#running.size)) {
      this.#due.delete(key);
      const run = this.#work(key).finally(() => {
        this.#running.delete(key);
        this.#plan();
      });
      this.#running.set(key, run);
    }
    this.#plan();
  }

  async #work(key: string): Promise<void> {
    try {
      const againAfterMs = await this.#options.work(key);
      this.#failures.delete(key);
      if (againAfterMs !== undefined) this.add(key, againAfterMs);
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      this.#options.log('warn', 'reconcile failed', { key, failures, error: messageOf(error) });
      this.add(key, Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1)));
    }
  }
}
