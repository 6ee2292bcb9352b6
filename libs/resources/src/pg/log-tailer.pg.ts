import { setTimeout as delay } from 'node:timers/promises';
import type { SqlRunner } from '@flotilla/persistence';
import type { Selection } from '../document/selection.js';
import { ChangeRing } from '../log/change-ring.js';
import type { LogPage, LogSource } from '../log/log-source.js';
import { goneError, PgChangeLog } from './change-log.pg.js';
import type { ClockState } from './clock.pg.js';
import { Doorbell } from './doorbell.js';
import { documentsAt } from './past-documents.pg.js';

const MAX_PAGE = 500;
const RETRY_MS = 250;

export interface TailerOptions {
  /** Default 50. */
  pollMs?: number;
  /** Entries of a kind kept in memory for its watchers. Default 2,000. */
  ringEntries?: number;
  /** The same in characters of JSON. Default 16 Mi. */
  ringBytes?: number;
  onError?: (error: unknown) => void;
}

interface Feed {
  watchers: number;
  ring: ChangeRing | undefined;
  clock: ClockState | undefined;
  waiting: Set<() => void>;
}

/** The one reader of the log in a process: it polls the clocks of watched kinds and feeds every watcher from memory. */
export class PgLogTailer implements LogSource {
  readonly #sql: SqlRunner;
  readonly #log: PgChangeLog;
  readonly #options: TailerOptions;
  readonly #feeds = new Map<string, Feed>();
  readonly #doorbell = new Doorbell();
  #loop: Promise<void> | undefined;
  #isClosed = false;

  constructor(sql: SqlRunner, options: TailerOptions) {
    this.#sql = sql;
    this.#log = new PgChangeLog(sql);
    this.#options = options;
  }

  /** Reads now instead of at the next poll: somebody said that an rv moved. */
  wake(): void {
    this.#doorbell.ring();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.wake();
    await this.#loop;
  }

  open(kind: string): () => void {
    const feed = this.#feeds.get(kind) ?? { watchers: 0, ring: undefined, clock: undefined, waiting: new Set() };
    this.#feeds.set(kind, feed);
    feed.watchers += 1;
    this.#loop ??= this.#run();
    this.wake();
    return () => {
      feed.watchers -= 1;
      if (feed.watchers === 0) this.#feeds.delete(kind);
    };
  }

  async read(kind: string, after: number): Promise<LogPage> {
    const cached = this.#feeds.get(kind)?.ring?.read(after, MAX_PAGE);
    if (cached && after <= cached.upTo && after <= (this.#feeds.get(kind)?.clock?.rv ?? 0)) return cached;
    const clock = (await this.#log.clocks([kind])).get(kind)!;
    if (after < clock.floorRv || after > clock.rv) throw goneError(kind, after, clock);
    const { entries, upTo } = await this.#log.follow(kind, after, clock.rv);
    return { entries: entries.map(({ entry }) => entry), upTo };
  }

  moved(kind: string, after: number, signal: AbortSignal): Promise<void> {
    const feed = this.#feeds.get(kind);
    if (!feed || signal.aborted || this.#isClosed || (feed.ring && feed.ring.high > after)) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = () => {
        feed.waiting.delete(settle);
        signal.removeEventListener('abort', settle);
        resolve();
      };
      feed.waiting.add(settle);
      signal.addEventListener('abort', settle, { once: true });
    });
  }

  async membersAt(kind: string, selection: Selection, rv: number): Promise<Set<string>> {
    const documents = await documentsAt(this.#sql, kind, selection, rv);
    return new Set(documents.map(({ document }) => document.metadata.uid ?? ''));
  }

  async pause(signal: AbortSignal): Promise<void> {
    await delay(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }

  async #run(): Promise<void> {
    while (!this.#isClosed && this.#feeds.size > 0) {
      let pauseMs = this.#options.pollMs ?? 50;
      try {
        await this.#poll();
      } catch (error) {
        pauseMs = RETRY_MS;
        this.#options.onError?.(error);
      }
      await this.#doorbell.wait(pauseMs);
    }
    this.#loop = undefined;
    if (this.#isClosed) for (const feed of this.#feeds.values()) release(feed);
    else if (this.#feeds.size > 0) this.#loop = this.#run();
  }

  async #poll(): Promise<void> {
    const kinds = [...this.#feeds.keys()];
    if (kinds.length === 0) return;
    for (const [kind, clock] of await this.#log.clocks(kinds)) {
      const feed = this.#feeds.get(kind);
      if (feed) await this.#advance(kind, feed, clock);
    }
  }

  async #advance(kind: string, feed: Feed, clock: ClockState): Promise<void> {
    feed.clock = clock;
    const { ring } = feed;
    // At the start, after a retention that overtook us, and after a database set back: watchers find out by reading the log.
    if (!ring || ring.high < clock.floorRv || ring.high > clock.rv) {
      feed.ring = new ChangeRing(clock.rv, {
        maxEntries: this.#options.ringEntries ?? 2_000,
        maxBytes: this.#options.ringBytes ?? 16 * 1024 * 1024,
      });
      release(feed);
      return;
    }
    while (ring.high < clock.rv && !this.#isClosed) {
      const { entries, upTo } = await this.#log.follow(kind, ring.high, clock.rv);
      ring.append(entries, upTo);
      release(feed);
    }
  }
}

function release(feed: Feed): void {
  for (const settle of [...feed.waiting]) settle();
}
