import type { ResourceDocument } from '@flotilla/contracts';
import { type Clock, systemClock } from '@flotilla/kernel';
import { type Database, UniqueViolationError } from '@flotilla/persistence';
import DataLoader from 'dataloader';
import { type StoredDocument, servedRv, withRv } from '../document/stage-write.js';
import { followLog } from '../log/follow-log.js';
import {
  type ChangeRecord,
  type ListOptions,
  type ListResult,
  type ResourceEvent,
  type ResourceKey,
  ResourceStore,
  type ResourceTransaction,
  type WatchOptions,
  type WriteContext,
} from '../resource-store.js';
import { AlreadyExistsError } from '../resources.errors.js';
import { StagedTransaction } from '../transaction/staged-transaction.js';
import { PgChangeLog } from './change-log.pg.js';
import { commitWrites } from './commit-writes.pg.js';
import { PgDocumentRows } from './document-rows.pg.js';
import { PgLogTailer, type TailerOptions } from './log-tailer.pg.js';

export interface PgResourceStoreOptions extends TailerOptions {
  database: Database;
  /** For metadata times; the log's times are PostgreSQL's. */
  clock?: Clock;
  /** Told after commit which kinds moved: where the hint to other processes is sent from. */
  onCommitted?: (kinds: readonly string[]) => void;
}

/** Keys of one query. */
const MAX_GETS = 500;

/** The store over PostgreSQL. `close` ends its tailer and with it every watch; the database stays the caller's. */
export class PgResourceStore extends ResourceStore {
  readonly #options: PgResourceStoreOptions;
  readonly #rows: PgDocumentRows;
  readonly #log: PgChangeLog;
  readonly #tailer: PgLogTailer;
  readonly #closing = new AbortController();
  /** Reconcilers and herds of spokes ask for documents one by one: what is asked in one turn of the event loop is one query. */
  readonly #gets = new DataLoader<ResourceKey, StoredDocument | undefined>((keys) => this.#load(keys), {
    cache: false,
    maxBatchSize: MAX_GETS,
    batchScheduleFn: (run) => void setImmediate(run),
  });

  constructor(options: PgResourceStoreOptions) {
    super();
    this.#options = options;
    this.#rows = new PgDocumentRows(options.database);
    this.#log = new PgChangeLog(options.database);
    this.#tailer = new PgLogTailer(options.database, options);
  }

  override async get<T extends ResourceDocument>(key: ResourceKey): Promise<T | undefined> {
    const stored = await this.#gets.load(key);
    return stored && (withRv(stored.document, servedRv(stored)) as T);
  }

  /** Whoever asks for the same key as another gets a copy of its own. */
  async #load(keys: readonly ResourceKey[]): Promise<(StoredDocument | undefined)[]> {
    const given = new Set<StoredDocument>();
    return (await this.#rows.load(keys, false)).map((stored) => {
      if (stored === undefined || !given.has(stored)) {
        if (stored) given.add(stored);
        return stored;
      }
      return structuredClone(stored);
    });
  }

  override async list<T extends ResourceDocument>(kind: string, options: ListOptions = {}): Promise<ListResult<T>> {
    return (await this.#rows.list(kind, options)) as ListResult<T>;
  }

  override watch<T extends ResourceDocument>(kind: string, options: WatchOptions): AsyncIterable<ResourceEvent<T>> {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    return followLog<T>(this.#tailer, kind, { ...options, signal });
  }

  override async currentResourceVersion(kind: string): Promise<string> {
    return String((await this.#log.clocks([kind])).get(kind)!.rv);
  }

  override async transaction<T>(context: WriteContext, work: (tx: ResourceTransaction) => Promise<T>): Promise<T> {
    const { database, clock = systemClock } = this.#options;
    let kinds: string[] = [];
    const result = await database
      .transaction(async (sql) => {
        const tx = new StagedTransaction(new PgDocumentRows(sql), () => sql, clock);
        const outcome = await work(tx);
        kinds = await commitWrites(sql, tx.writes(), context);
        return outcome;
      })
      .catch(rethrow);
    if (kinds.length > 0) this.committed(kinds);
    return result;
  }

  override history(key: ResourceKey, limit?: number): Promise<ChangeRecord[]> {
    return this.#log.history(key, limit);
  }

  /** Reads the log now: a hint came that another process committed. */
  wake(): void {
    this.#tailer.wake();
  }

  /** Wakes the own watchers and passes the hint on; also for writers beside the store, such as the status writer. */
  committed(kinds: readonly string[]): void {
    this.wake();
    this.#options.onCommitted?.(kinds);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#tailer.close();
  }
}

/** Two transactions that create the same document find out only when the second one writes. */
function rethrow(error: unknown): never {
  if (error instanceof UniqueViolationError && error.constraint === 'documents_key') {
    throw new AlreadyExistsError('a document that this transaction created was created by another one first', {}, error);
  }
  throw error;
}
