import { SUBJECT_KINDS, type SubjectKind } from '@flotilla/admission';
import type { Clock } from '@flotilla/kernel';
import type { Database, SqlRunner } from '@flotilla/persistence';
import { ConsumerCursors, GoneError, type ListResult, PgChangeLog, type ResourceStore } from '@flotilla/resources';
import type { Logger } from '@flotilla/telemetry';
import type { SettingsSource } from '../settings/live-settings.js';
import { SubjectLoader } from '../triggers/load-subject.js';
import { type FeedEntry, type FeedLimits, type FeedPage, feedPage } from './feed-page.js';
import { takeDeferred } from './states.store.pg.js';

const CONSUMER = 'notifier';
const PAGE = 500;
export const FEED_KINDS: readonly SubjectKind[] = Object.values(SUBJECT_KINDS);

export interface FeedOptions {
  database: Database;
  store: ResourceStore;
  settings: SettingsSource;
  clock: Clock;
  logger: Logger;
  limits: FeedLimits;
  /** Told after a commit that added messages. */
  onIntents: () => void;
}

/**
 * Turns changes into intents. Every change is read once, in the order of its commit, at least once: memory, intents and the cursor
 * commit together. One copy feeds a kind at a time; the others find it taken and leave.
 */
export class FeedChanges {
  readonly #options: FeedOptions;
  readonly #cursors: ConsumerCursors;
  /** Messages added since the last ring. */
  #added = 0;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#cursors = new ConsumerCursors(options.database);
  }

  /** Reads on until there is nothing new, or another copy reads it; how many entries it read. */
  async run(signal?: AbortSignal): Promise<number> {
    let total = 0;
    for (let read = 1; read > 0 && !signal?.aborted; total += read) {
      read = 0;
      for (const kind of await this.#behind()) read += await this.#step(kind);
    }
    return total;
  }

  /** Kinds with changes that were not read, in two statements: most looks find none. */
  async #behind(): Promise<SubjectKind[]> {
    const [cursors, clocks] = await Promise.all([
      this.#cursors.readAll(CONSUMER),
      new PgChangeLog(this.#options.database).clocks(FEED_KINDS),
    ]);
    return FEED_KINDS.filter((kind) => {
      const cursor = cursors.get(kind);
      return cursor === undefined || Number(cursor) < clocks.get(kind)!.rv;
    });
  }

  /** Looks again at applications whose state stayed older than their operation, and at all for conditions that read the clock. */
  async sweep(signal?: AbortSignal): Promise<void> {
    await this.#lookAgain();
    const { config } = await this.#options.settings.load();
    const reads = [...config.triggers.values()].flatMap(({ kind, conditions }) =>
      conditions.some(({ when }) => when.names.has('time.Now')) ? [kind] : [],
    );
    for (const kind of new Set(reads)) await this.#walk(kind, 'changes', signal);
  }

  async #step(kind: SubjectKind): Promise<number> {
    const cursor = await this.#cursors.read(CONSUMER, kind);
    if (cursor === undefined) return this.#begin(kind);
    try {
      return await this.#commit((tx) => this.#page(tx, kind));
    } catch (error) {
      if (!(error instanceof GoneError)) throw error;
      this.#options.logger.warn('the change log no longer reaches back to what was read last; current documents are read instead', {
        kind,
      });
      return this.#restart(kind, 'changes');
    }
  }

  async #page(tx: SqlRunner, kind: SubjectKind): Promise<number> {
    if (!(await take(tx, kind))) return 0;
    const after = Number(await this.#cursors.read(CONSUMER, kind, tx));
    const log = new PgChangeLog(tx);
    const head = (await log.clocks([kind])).get(kind)!.rv;
    if (head <= after) return 0;
    const { entries, upTo } = await log.follow(kind, after, head);
    await this.#feed(tx, {
      kind,
      mode: 'changes',
      entries: entries.map(({ entry: { document, rv, type } }) => ({
        document,
        resourceVersion: String(rv),
        isDeleted: type === 'DELETED',
      })),
    });
    await this.#cursors.advance(CONSUMER, kind, String(upTo), tx);
    return Math.max(entries.length, upTo < head ? 1 : 0);
  }

  /** The first time, what is so is remembered as said: nobody is told of what happened before there was a notifier. */
  #begin(kind: SubjectKind): Promise<number> {
    return this.#restart(kind, 'baseline');
  }

  async #restart(kind: SubjectKind, mode: 'baseline' | 'changes'): Promise<number> {
    const { store } = this.#options;
    const position = await store.currentResourceVersion(kind);
    const isDone = await this.#walk(kind, mode);
    if (!isDone) return 0;
    await this.#commit(async (tx) => {
      if (await take(tx, kind)) await this.#cursors.reset(CONSUMER, kind, position, tx);
    });
    return 1;
  }

  /** Every current document of a kind; false when another copy feeds the kind. */
  async #walk(kind: SubjectKind, mode: FeedPage['mode'], signal?: AbortSignal): Promise<boolean> {
    const { store } = this.#options;
    for (let next: string | undefined = ''; next !== undefined && !signal?.aborted; ) {
      const page: ListResult = await store.list(kind, { limit: PAGE, ...(next === '' ? {} : { continue: next }) });
      const entries = page.items.map(
        (document): FeedEntry => ({ document, resourceVersion: document.metadata.resourceVersion ?? '', isDeleted: false }),
      );
      const isMine = await this.#commit(async (tx) => {
        if (!(await take(tx, kind))) return false;
        await this.#feed(tx, { kind, mode, entries });
        return true;
      });
      if (!isMine) return false;
      next = page.continue;
    }
    return true;
  }

  async #lookAgain(): Promise<void> {
    const { store, clock } = this.#options;
    await this.#commit(async (tx) => {
      if (!(await take(tx, 'Application'))) return;
      const due = await takeDeferred(tx, new Date(clock.now()), PAGE);
      const documents = await Promise.all(due.map((key) => store.get({ kind: key.kind, namespace: key.namespace, name: key.name })));
      const entries = documents.flatMap((document, i) =>
        document && document.metadata.uid === due[i]!.uid
          ? [{ document, resourceVersion: document.metadata.resourceVersion ?? '', isDeleted: false }]
          : [],
      );
      await this.#feed(tx, { kind: 'Application', mode: 'anyway', entries });
    });
  }

  async #feed(tx: SqlRunner, page: Pick<FeedPage, 'kind' | 'mode' | 'entries'>): Promise<void> {
    if (page.entries.length === 0) return;
    const { settings, store, clock, limits, logger } = this.#options;
    const loaded = await settings.load();
    const loader = new SubjectLoader(store);
    const { intents, problems } = await feedPage(tx, { ...page, settings: loaded, loader, limits, now: new Date(clock.now()) });
    for (const problem of problems) logger.warn('a condition could not be decided', { kind: page.kind, reason: problem });
    this.#added += intents;
  }

  /** Rings for the messages that a committed page added. */
  async #commit<T>(work: (tx: SqlRunner) => Promise<T>): Promise<T> {
    const result = await this.#options.database.transaction(work);
    if (this.#added > 0) this.#options.onIntents();
    this.#added = 0;
    return result;
  }
}

/** Until the transaction ends, no other copy feeds this kind. */
async function take(tx: SqlRunner, kind: SubjectKind): Promise<boolean> {
  const [row] = await tx.query<{ taken: boolean }>('SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken', [
    `flotilla:notifier:${kind}`,
  ]);
  return row?.taken === true;
}
