import type { ResourceDocument } from '@flotilla/contracts';
import { type Clock, InvalidInputError, jsonEqual, systemClock } from '@flotilla/kernel';
import type { SqlRunner } from '@flotilla/persistence';
import { readContinue } from './document/continue-token.js';
import { deepFreeze } from './document/deep-freeze.js';
import { compareText, keyText } from './document/document-key.js';
import { changedFieldPaths } from './document/field-paths.js';
import { pageOf } from './document/page-of.js';
import { matchesDocument } from './document/selection.js';
import { type StoredDocument, servedRv, withRv } from './document/stage-write.js';
import { KeyLocks } from './fake/key-locks.js';
import { type MemoryEntry, MemoryLog } from './fake/memory-log.js';
import { followLog } from './log/follow-log.js';
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
} from './resource-store.js';
import { changeType, type DocumentRows, lastState, type StagedWrite, settleRv } from './transaction/document-rows.js';
import { StagedTransaction } from './transaction/staged-transaction.js';

/** Its status rests beside the document, as in the adapter. */
const STATUS_KIND = 'Application';

/** The store in memory. It has no SQL: `tx.sql` throws unless a runner is given for the tables of the code under test. */
export class FakeResourceStore extends ResourceStore implements DocumentRows {
  readonly #clock: Clock;
  readonly #sql: SqlRunner | undefined;
  readonly #locks = new KeyLocks();
  readonly #documents = new Map<string, StoredDocument>();
  readonly #log: MemoryLog;

  constructor({ clock = systemClock, sql }: { clock?: Clock; sql?: SqlRunner } = {}) {
    super();
    this.#clock = clock;
    this.#sql = sql;
    this.#log = new MemoryLog(clock);
  }

  override async get<T extends ResourceDocument>(key: ResourceKey): Promise<T | undefined> {
    const stored = this.#documents.get(keyText(key));
    return stored && (withRv(structuredClone(stored.document), servedRv(stored)) as T);
  }

  override async list<T extends ResourceDocument>(kind: string, options: ListOptions = {}): Promise<ListResult<T>> {
    const { limit, asOf } = options;
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
      throw new InvalidInputError(`limit ${limit} is not a positive number`);
    const from = options.continue === undefined ? undefined : readContinue(options.continue);
    const rv = from?.rv ?? (asOf === undefined ? this.#log.kind(kind).rv : this.#log.rvAt(kind, readTime(asOf)));
    const all = asOf === undefined ? this.#current(kind, options) : this.#log.documentsAt(kind, options, rv);
    const rest = all.filter(({ document: { metadata } }) => {
      if (!from) return true;
      return (compareText(metadata.namespace ?? '', from.namespace) || compareText(metadata.name, from.name)) > 0;
    });
    const page = pageOf(rest.slice(0, limit === undefined ? undefined : limit + 1), rv, limit);
    if (page.continue !== undefined && asOf === undefined && !options.labels?.length && !options.fields?.length) {
      page.remaining = rest.length - page.items.length;
    }
    return { ...page, items: structuredClone(page.items) as T[] };
  }

  override watch<T extends ResourceDocument>(kind: string, options: WatchOptions): AsyncIterable<ResourceEvent<T>> {
    return followLog<T>(this.#log, kind, options);
  }

  override async currentResourceVersion(kind: string): Promise<string> {
    return String(this.#log.kind(kind).rv);
  }

  override async transaction<T>(context: WriteContext, work: (tx: ResourceTransaction) => Promise<T>): Promise<T> {
    const releases: (() => void)[] = [];
    const rows: DocumentRows = {
      load: async (keys, lock) => {
        if (lock) releases.push(await this.#locks.take(keys.map(keyText)));
        return this.load(keys);
      },
      list: (kind, options) => this.list(kind, options),
      dependentsOf: (uid) => this.dependentsOf(uid),
    };
    try {
      const tx = new StagedTransaction(rows, () => this.#requireSql(), this.#clock);
      const result = await work(tx);
      const atMs = this.#clock.now();
      for (const write of tx.writes()) this.#commit(write, context, atMs);
      return result;
    } finally {
      for (const release of releases) release();
    }
  }

  override async history({ kind, namespace, name }: ResourceKey, limit = 50): Promise<ChangeRecord[]> {
    const { entries } = this.#log.kind(kind);
    const own = entries.filter(
      ({ isLogged, document: { metadata } }) => isLogged && (metadata.namespace ?? '') === namespace && metadata.name === name,
    );
    return own.reverse().slice(0, limit).map(recordOf);
  }

  async load(keys: readonly ResourceKey[]): Promise<(StoredDocument | undefined)[]> {
    return keys.map((key) => this.#documents.get(keyText(key)));
  }

  async dependentsOf(uid: string): Promise<ResourceKey[]> {
    return [...this.#documents.values()]
      .filter(({ document }) => document.metadata.ownerReferences?.some((reference) => reference.uid === uid))
      .map(({ document: { kind, metadata } }) => ({ kind, namespace: metadata.namespace ?? '', name: metadata.name }));
  }

  /** Forgets the log so far: what watch and asOf answer below it is GoneError. */
  forgetLog(): void {
    this.#log.forget();
  }

  /** A status as a batch writes it; false when there is no such application or nothing changed. */
  writeStatus(key: ResourceKey, uid: string, status: Record<string, unknown>, isLogged: boolean, context: WriteContext): void {
    const stored = this.#documents.get(keyText(key));
    if (!stored || stored.document.metadata.uid !== uid) return;
    const document = { ...stored.document, status: structuredClone(status) };
    const fieldPaths = changedFieldPaths(stored.document, document);
    const rv = this.#append({ type: 'MODIFIED', document, fieldPaths, isLogged, atMs: this.#clock.now() }, context);
    this.#documents.set(keyText(key), { ...stored, document, statusRv: rv });
  }

  #commit(write: StagedWrite, context: WriteContext, atMs: number): void {
    const { key, before, after } = write;
    const document = lastState(write);
    const fieldPaths = before && after ? changedFieldPaths(before.document, after) : [];
    const rv = this.#append({ type: changeType(write), document, fieldPaths, isLogged: true, atMs }, context);
    if (!after) this.#documents.delete(keyText(key));
    else this.#documents.set(keyText(key), { document: after, ...rvsOf(write, rv) });
    settleRv(write, rv);
  }

  #append(entry: Omit<MemoryEntry, 'rv' | 'actor' | 'traceparent'>, { actor, traceparent }: WriteContext): number {
    const next = this.#log.kind(entry.document.kind).rv + 1;
    const document = deepFreeze(withRv(structuredClone(entry.document), next));
    const rest = traceparent === undefined ? {} : { traceparent };
    return this.#log.append(entry.document.kind, { ...entry, document, actor, ...rest });
  }

  #current(kind: string, options: ListOptions): StoredDocument[] {
    return [...this.#documents.values()]
      .filter(({ document }) => document.kind === kind && matchesDocument(options, document))
      .sort(({ document: { metadata: a } }, { document: { metadata: b } }) => {
        return compareText(a.namespace ?? '', b.namespace ?? '') || compareText(a.name, b.name);
      });
  }

  #requireSql(): SqlRunner {
    if (!this.#sql) throw new InvalidInputError('the fake store has no SQL; give it a runner or test against PostgreSQL');
    return this.#sql;
  }
}

/** A status that rests beside its document leaves the document's own rv as it was. */
function rvsOf({ before, after }: StagedWrite, rv: number): { rv: number; statusRv?: number } {
  if (after?.kind !== STATUS_KIND || !before) return { rv };
  const isSameDocument = jsonEqual({ ...before.document, status: undefined }, { ...after, status: undefined });
  return isSameDocument ? { rv: before.rv, statusRv: rv } : { rv, statusRv: before.statusRv ?? 0 };
}

function recordOf({ rv, type, document, actor, atMs, fieldPaths, traceparent }: MemoryEntry): ChangeRecord {
  const { kind, metadata } = document;
  const at = new Date(atMs).toISOString();
  const record: ChangeRecord = { resourceVersion: String(rv), type, kind, uid: metadata.uid ?? '', actor, at, fieldPaths, document };
  return traceparent === undefined ? record : { ...record, traceparent };
}

function readTime(asOf: string): number {
  const ms = Date.parse(asOf);
  if (!/^\d{4}-\d\d-\d\dT/.test(asOf) || Number.isNaN(ms))
    throw new InvalidInputError(`asOf ${JSON.stringify(asOf)} is not an RFC 3339 time`);
  return ms;
}
