import type { ResourceDocument } from '@flotilla/contracts';
import { type Clock, jsonEqual, NotFoundError, newUid } from '@flotilla/kernel';
import type { SqlRunner } from '@flotilla/persistence';
import { keyOf, keyText } from '../document/document-key.js';
import {
  checkPreconditions,
  createdDocument,
  deletionMarked,
  hasFinalizers,
  isReadyToGo,
  replacedDocument,
  type StoredDocument,
  servedRv,
  statusReplaced,
  withRv,
} from '../document/stage-write.js';
import type { DeleteOptions, ListOptions, ListResult, ResourceKey, ResourceTransaction } from '../resource-store.js';
import { AlreadyExistsError } from '../resources.errors.js';
import type { DocumentRows, StagedWrite } from './document-rows.js';
import { overlayList } from './overlay-list.js';
import { RowLoader } from './row-loader.js';

/**
 * A transaction keeps its writes to itself until the work is done; only then are the kinds' clocks taken, in kind
 * order and for as long as one flush lasts. So slow work never holds up other writers of the kind and two
 * transactions never wait for each other's clocks. Several writes of one document are one change. The
 * resourceVersion of what a write returns is set when the transaction commits; until then it is the one before.
 */
export class StagedTransaction implements ResourceTransaction {
  readonly #rows: DocumentRows;
  readonly #sql: () => SqlRunner;
  readonly #clock: Clock;
  readonly #plain: RowLoader;
  readonly #locking: RowLoader;
  readonly #staged = new Map<string, StagedWrite>();
  /** Deletions whose name was taken again in the same transaction. */
  readonly #superseded: StagedWrite[] = [];

  constructor(rows: DocumentRows, sql: () => SqlRunner, clock: Clock) {
    this.#rows = rows;
    this.#sql = sql;
    this.#clock = clock;
    this.#plain = new RowLoader(rows, false);
    this.#locking = new RowLoader(rows, true);
  }

  get sql(): SqlRunner {
    return this.#sql();
  }

  async get<T extends ResourceDocument>(key: ResourceKey): Promise<T | undefined> {
    const staged = this.#staged.get(keyText(key));
    if (staged) return current<T>(staged);
    const stored = await this.#plain.load(key);
    return stored && served<T>(stored);
  }

  async getForUpdate<T extends ResourceDocument>(key: ResourceKey): Promise<T | undefined> {
    return current<T>(await this.#hold(key));
  }

  async list<T extends ResourceDocument>(kind: string, options: ListOptions = {}): Promise<ListResult<T>> {
    const listed = await this.#rows.list(kind, options);
    return overlayList(listed, this.writes(), kind, options) as ListResult<T>;
  }

  async create<T extends ResourceDocument>(document: T): Promise<T> {
    const key = keyOf(document);
    const held = await this.#hold(key);
    if (held.after) {
      throw new AlreadyExistsError(`${key.kind} ${key.namespace ? `${key.namespace}/` : ''}${key.name} already exists`, { ...key });
    }
    const write = held.before ? this.#supersede(held) : held;
    write.after = createdDocument(structuredClone(document), newUid(), this.#clock.now());
    return handOut<T>(write, write.after);
  }

  async update<T extends ResourceDocument>(document: T): Promise<T> {
    const { write, after } = await this.#existing(keyOf(document), document.metadata);
    return this.#settle<T>(write, after, replacedDocument(after, structuredClone(document)));
  }

  async updateStatus<T extends ResourceDocument>(document: T): Promise<T> {
    const { write, after } = await this.#existing(keyOf(document), document.metadata);
    return this.#settle<T>(write, after, statusReplaced(after, structuredClone(document)));
  }

  async delete(key: ResourceKey, options: DeleteOptions = {}): Promise<ResourceDocument | undefined> {
    const write = await this.#hold(key);
    const after = write.after;
    if (!after) return undefined;
    checkPreconditions(stateOf(write, after), options);
    if (options.propagation === 'orphan') await this.#orphan(after.metadata.uid ?? '');
    if (hasFinalizers(after)) {
      write.after = deletionMarked(after, this.#clock.now());
      return handOut(write, write.after);
    }
    write.after = undefined;
    return handOut(write, after);
  }

  /** The net changes so far, in the order in which their documents were first touched. */
  writes(): StagedWrite[] {
    return [...this.#superseded, ...this.#staged.values()].filter(
      ({ before, after }) => (before || after) && !jsonEqual(before?.document, after),
    );
  }

  /** The document as this transaction sees it, its row held. */
  async #hold(key: ResourceKey): Promise<StagedWrite> {
    const text = keyText(key);
    const known = this.#staged.get(text);
    if (known) return known;
    const before = await this.#locking.load(key);
    const raced = this.#staged.get(text);
    if (raced) return raced;
    const write: StagedWrite = { key, before, after: before?.document, handedOut: [] };
    this.#staged.set(text, write);
    return write;
  }

  async #existing(key: ResourceKey, expected: { uid?: string | undefined; resourceVersion?: string | undefined }) {
    const write = await this.#hold(key);
    const after = write.after;
    if (!after) throw new NotFoundError(`${key.kind} ${key.namespace ? `${key.namespace}/` : ''}${key.name} does not exist`, { ...key });
    checkPreconditions(stateOf(write, after), expected);
    return { write, after };
  }

  #settle<T extends ResourceDocument>(write: StagedWrite, stored: ResourceDocument, next: ResourceDocument): T {
    if (jsonEqual(stored, next)) return handOut<T>(write, stored);
    write.after = isReadyToGo(next) ? undefined : next;
    return handOut<T>(write, next);
  }

  #supersede(write: StagedWrite): StagedWrite {
    this.#superseded.push(write);
    const fresh: StagedWrite = { key: write.key, before: undefined, after: undefined, handedOut: [] };
    this.#staged.set(keyText(write.key), fresh);
    return fresh;
  }

  async #orphan(uid: string): Promise<void> {
    const keys = await this.#rows.dependentsOf(uid);
    await Promise.all(
      keys.map(async (key) => {
        const write = await this.#hold(key);
        if (!write.after) return;
        const { ownerReferences = [], ...metadata } = write.after.metadata;
        const kept = ownerReferences.filter((reference) => reference.uid !== uid);
        write.after = { ...write.after, metadata: kept.length > 0 ? { ...metadata, ownerReferences: kept } : metadata };
      }),
    );
  }
}

/** A document created here has no rv yet; a precondition on it can only be its uid. */
function stateOf({ before }: StagedWrite, document: ResourceDocument): StoredDocument {
  return before ? { ...before, document } : { document, rv: 0 };
}

function served<T extends ResourceDocument>(stored: StoredDocument): T {
  return withRv(structuredClone(stored.document), servedRv(stored)) as T;
}

function current<T extends ResourceDocument>({ before, after }: StagedWrite): T | undefined {
  if (!after) return undefined;
  return before ? served<T>({ ...before, document: after }) : (structuredClone(after) as T);
}

function handOut<T extends ResourceDocument>(write: StagedWrite, document: ResourceDocument): T {
  const copy = structuredClone(document) as T;
  if (write.before) copy.metadata.resourceVersion = String(servedRv(write.before));
  write.handedOut.push(copy);
  return copy;
}
