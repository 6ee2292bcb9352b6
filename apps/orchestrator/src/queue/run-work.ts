import type { Clock } from '@flotilla/kernel';
import type { Logger } from '@flotilla/telemetry';
import type { WorkItem, WorkKind, WorkQueue } from './work-queue.js';

/** Does one claim of keys. Keys it returns with a time are due again then; all others are finished. */
export type DoWork = (keys: readonly string[]) => Promise<Map<string, number> | undefined>;

export interface WorkRule {
  kind: WorkKind;
  /** Keys per claim, handed over together. */
  batch: number;
  /** Claims worked on side by side. */
  parallel: number;
  work: DoWork;
}

/** A killed copy's keys are taken by another one after this time. */
const LEASE_MS = 6_000;
const RENEW_MS = 2_000;
const MAX_BACKOFF_MS = 60_000;

/** Takes due keys and works on them. `tick` is called by a timer, and by whoever just made something due. */
export class WorkRunner {
  readonly #queue: WorkQueue;
  readonly #rules: readonly WorkRule[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lanes = new Map<Promise<void>, WorkRule>();
  #isStopping = false;
  #isNudged = false;
  readonly #looking = new Set<Promise<void>>();

  constructor(queue: WorkQueue, rules: readonly WorkRule[], clock: Clock, logger: Logger) {
    this.#queue = queue;
    this.#rules = rules;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Starts working on what is due; does not wait for it. Kinds do not wait for each other. */
  async tick(): Promise<void> {
    const looking = this.#look();
    this.#looking.add(looking);
    await looking.finally(() => this.#looking.delete(looking));
  }

  /** As tick, for callers that do not wait; however many call in one turn of the event loop, it looks once. */
  nudge(): void {
    if (this.#isNudged) return;
    this.#isNudged = true;
    setImmediate(() => {
      this.#isNudged = false;
      this.tick().catch((error: unknown) => this.#logger.warn('cannot look for due work', { error }));
    });
  }

  /** Works until nothing is due and nothing is in work. */
  async drain(): Promise<void> {
    for (;;) {
      await this.tick();
      if (this.#lanes.size + this.#looking.size === 0) return;
      await Promise.all([...this.#lanes.keys(), ...this.#looking]);
    }
  }

  /** Takes nothing more and waits for what is in work. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.allSettled([...this.#looking]);
    await Promise.all(this.#lanes.keys());
  }

  async #look(): Promise<void> {
    if (this.#isStopping) return;
    const due = await this.#queue.dueKinds(this.#clock.now());
    for (const rule of this.#rules) if (due.includes(rule.kind)) this.#openLane(rule);
  }

  #openLane(rule: WorkRule): void {
    const open = [...this.#lanes.values()].filter((other) => other === rule).length;
    if (open >= rule.parallel || this.#isStopping) return;
    const lane = this.#runLane(rule)
      .catch((error: unknown) => this.#logger.warn('work stopped early', { kind: rule.kind, error }))
      .finally(() => this.#lanes.delete(lane));
    this.#lanes.set(lane, rule);
  }

  async #runLane(rule: WorkRule): Promise<void> {
    while (!this.#isStopping) {
      const items = await this.#queue.claim(rule.kind, rule.batch, this.#clock.now(), LEASE_MS);
      if (items.length === 0) return;
      if (items.length === rule.batch) this.#openLane(rule);
      await this.#work(rule, items);
    }
  }

  async #work(rule: WorkRule, items: readonly WorkItem[]): Promise<void> {
    const renewing = setInterval(() => {
      this.#queue.extend(items, this.#clock.now() + LEASE_MS).catch(() => undefined);
    }, RENEW_MS);
    try {
      const later = await rule.work(items.map(({ key }) => key));
      const finished = items.filter(({ key }) => !later?.has(key));
      await this.#queue.finish(finished);
      for (const item of items) if (later?.has(item.key)) await this.#queue.postpone([item], later.get(item.key)!);
    } catch (error) {
      await this.#afterFailure(rule, items, error);
    } finally {
      clearInterval(renewing);
    }
  }

  /** A batch that fails is not known to be bad as a whole: its keys are tried one by one, and only the bad ones wait. */
  async #afterFailure(rule: WorkRule, items: readonly WorkItem[], error: unknown): Promise<void> {
    if (items.length > 1) {
      for (const item of items) await this.#work(rule, [item]);
      return;
    }
    const [item] = items;
    if (!item) return;
    this.#logger.warn('a key could not be worked on', { kind: rule.kind, key: item.key, attempt: item.attempts, error });
    const backoffMs = Math.min(250 * 2 ** Math.min(item.attempts, 10), MAX_BACKOFF_MS);
    await this.#queue.postpone([item], this.#clock.now() + backoffMs).catch(() => undefined);
  }
}
