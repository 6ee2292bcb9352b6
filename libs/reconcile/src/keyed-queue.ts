import { type Clock, systemClock } from '@flotilla/kernel';
import { type Backoff, backoffMs, DEFAULT_BACKOFF } from './backoff.js';
import { DelayHeap } from './delay-heap.js';
import type { Outcome } from './outcome.js';

const DEFAULT_CONCURRENCY = 8;
const DEFAULT_MAX_KEYS = 200_000;
const DEFAULT_GRACE_MS = 10_000;

export interface KeyedQueueOptions {
  /** Reads the current state of what the key names and settles it. Throwing means unknown: it is tried again later. */
  reconcile: (key: string, signal: AbortSignal) => Promise<Outcome>;
  /** Keys worked on at the same time. Default 8. */
  concurrency?: number;
  /** Keys held at most, waiting, delayed and running together. Default 200,000. */
  maxKeys?: number;
  backoff?: Backoff;
  clock?: Clock;
  /** In [0, 1). */
  random?: () => number;
  /** Told of every stall and every throw, with the number of throws in a row. */
  onFailure?: (key: string, error: unknown, failures: number) => void;
}

/** Works off keys: each by one worker at a time, and once however often it was named while it waited. */
export class KeyedQueue {
  readonly #options: Required<Omit<KeyedQueueOptions, 'onFailure'>> & Pick<KeyedQueueOptions, 'onFailure'>;
  readonly #waiting = new Set<string>();
  readonly #delayed = new DelayHeap();
  readonly #running = new Map<string, Promise<void>>();
  /** Named again while they ran. */
  readonly #again = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #stopping = new AbortController();
  #idle: (() => void)[] = [];
  #alarm: { at: number; cancel: AbortController } | undefined;
  #isStopped = false;

  constructor(options: KeyedQueueOptions) {
    this.#options = {
      concurrency: DEFAULT_CONCURRENCY,
      maxKeys: DEFAULT_MAX_KEYS,
      backoff: DEFAULT_BACKOFF,
      clock: systemClock,
      random: Math.random,
      ...options,
    };
  }

  /** Keys held: waiting, delayed and running. */
  get size(): number {
    return this.#waiting.size + this.#delayed.size + this.#running.size;
  }

  /**
   * Names a key to be worked on now, also one that waits for its next try.
   * @returns false when the queue is stopped or full: the key has to be named again later, as a resync does
   */
  add(key: string): boolean {
    if (!this.#mayHold(key)) return false;
    this.#delayed.delete(key);
    if (this.#running.has(key)) this.#again.add(key);
    else this.#waiting.add(key);
    this.#start();
    return true;
  }

  /** Names a key to be worked on after a time; one that comes up sooner keeps its place. */
  addAfter(key: string, ms: number): boolean {
    if (!this.#mayHold(key)) return false;
    if (!this.#waiting.has(key) && !this.#again.has(key) && !this.#delayed.has(key)) this.#delay(key, ms);
    return true;
  }

  /** Resolves when nothing waits and nothing runs; keys that are delayed do not count. */
  drain(): Promise<void> {
    if (this.#waiting.size + this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Starts nothing more, lets what runs end, and after the grace aborts its signal. Resolves when nothing runs. */
  async stop(graceMs = DEFAULT_GRACE_MS): Promise<void> {
    this.#isStopped = true;
    this.#waiting.clear();
    this.#delayed.clear();
    this.#again.clear();
    this.#alarm?.cancel.abort();
    if (this.#running.size > 0) {
      const ended = new AbortController();
      const patience = this.#options.clock.sleep(graceMs, ended.signal).then(
        () => this.#stopping.abort(),
        () => undefined,
      );
      await Promise.all(this.#running.values());
      ended.abort();
      await patience;
    }
    this.#settleIdle();
  }

  #mayHold(key: string): boolean {
    if (this.#isStopped) return false;
    const isHeld = this.#waiting.has(key) || this.#running.has(key) || this.#delayed.has(key);
    return isHeld || this.size < this.#options.maxKeys;
  }

  #start(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency) return;
      this.#waiting.delete(key);
      this.#running.set(key, this.#work(key));
    }
  }

  async #work(key: string): Promise<void> {
    const afterMs = await this.#attempt(key);
    this.#running.delete(key);
    if (!this.#isStopped) {
      if (this.#again.delete(key)) this.#waiting.add(key);
      else if (afterMs !== undefined) this.#delay(key, afterMs);
      this.#start();
    }
    if (this.#waiting.size + this.#running.size === 0) this.#settleIdle();
  }

  /** When to try again, if at all. */
  async #attempt(key: string): Promise<number | undefined> {
    const { reconcile, backoff, random, onFailure } = this.#options;
    try {
      // Not in the caller's turn: add() returns before any work begins.
      await Promise.resolve();
      const outcome = await reconcile(key, this.#stopping.signal);
      this.#failures.delete(key);
      if ('againAfterMs' in outcome) return outcome.againAfterMs;
      if ('stalled' in outcome) onFailure?.(key, outcome.stalled, 0);
      return undefined;
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      onFailure?.(key, error, failures);
      return backoffMs(backoff, failures, random());
    }
  }

  #delay(key: string, ms: number): void {
    this.#delayed.set(key, this.#options.clock.now() + ms);
    this.#setAlarm();
  }

  /** One sleeper for the earliest of all delayed keys. */
  #setAlarm(): void {
    const at = this.#delayed.next();
    if (at === undefined || this.#isStopped || (this.#alarm && this.#alarm.at <= at)) return;
    this.#alarm?.cancel.abort();
    const alarm = { at, cancel: new AbortController() };
    this.#alarm = alarm;
    this.#options.clock.sleep(Math.max(0, at - this.#options.clock.now()), alarm.cancel.signal).then(
      () => this.#ring(alarm),
      () => undefined,
    );
  }

  #ring(alarm: { at: number }): void {
    if (this.#alarm !== alarm || this.#isStopped) return;
    this.#alarm = undefined;
    const now = this.#options.clock.now();
    for (let key = this.#delayed.take(now); key !== undefined; key = this.#delayed.take(now)) this.#waiting.add(key);
    this.#start();
    this.#setAlarm();
  }

  #settleIdle(): void {
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}
