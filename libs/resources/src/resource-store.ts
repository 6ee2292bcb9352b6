import type { ResourceDocument } from '@flotilla/contracts';
import type { SqlRunner } from '@flotilla/persistence';
import type { Requirement } from '@flotilla/selector';

/** A document's place: its kind (unique among KINDS), namespace (`''` for cluster-scoped kinds) and name. */
export interface ResourceKey {
  kind: string;
  namespace: string;
  name: string;
}

/** Who writes, for the change log: a user name or `service:<name>`. */
export interface WriteContext {
  actor: string;
  /** W3C trace context that caused the write, kept in the change row. */
  traceparent?: string;
}

export interface ListOptions {
  namespace?: string;
  labels?: readonly Requirement[];
  /** Equality on `metadata.name`, `metadata.namespace` or a dotted path of the document. */
  fields?: readonly { path: string; value: string; negated?: boolean }[];
  /** Keyset paging in (namespace, name) order; pass back `continue` of the previous page. */
  limit?: number;
  continue?: string;
  /** RFC 3339 time: the documents as they were then. Throws GoneError below the retention of the log. */
  asOf?: string;
}

export interface ListResult<T extends ResourceDocument = ResourceDocument> {
  items: T[];
  /** The rv of the kind's clock the list is consistent with: watching from it misses nothing. */
  resourceVersion: string;
  continue?: string;
  /** How many remain after this page; absent when selectors make it expensive. */
  remaining?: number;
}

export interface ResourceEvent<T extends ResourceDocument = ResourceDocument> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** For DELETED: the last state, with the deletion's resourceVersion. */
  document: T;
  resourceVersion: string;
  traceparent?: string;
  /** Of a MODIFIED event: nothing but `status` moved. */
  isStatusOnly?: true;
}

export interface WatchOptions extends Pick<ListOptions, 'namespace' | 'labels' | 'fields'> {
  /** Events after this rv; throws GoneError when the log no longer reaches back to it. */
  resourceVersion: string;
  signal: AbortSignal;
}

/** Reads and writes inside one transaction; every write appends its change row in the same transaction. */
export interface ResourceTransaction {
  /** The transaction's connection, for rows of the caller's own tables. */
  readonly sql: SqlRunner;
  get<T extends ResourceDocument>(key: ResourceKey): Promise<T | undefined>;
  /** As get, holding the row until commit. */
  getForUpdate<T extends ResourceDocument>(key: ResourceKey): Promise<T | undefined>;
  list<T extends ResourceDocument>(kind: string, options?: ListOptions): Promise<ListResult<T>>;
  /** Sets uid, creationTimestamp, generation 1. Throws AlreadyExistsError. */
  create<T extends ResourceDocument>(document: T): Promise<T>;
  /**
   * Replaces everything but `status`; a changed spec (anything outside metadata and status) raises generation.
   * With metadata.resourceVersion set, throws ConflictError unless it is the stored one; metadata.uid likewise.
   * Nothing changed: no row is written and the stored document comes back. Removing the last finalizer of a
   * document with deletionTimestamp deletes it.
   */
  update<T extends ResourceDocument>(document: T): Promise<T>;
  /** Replaces `status` only, by the same precondition rules. */
  updateStatus<T extends ResourceDocument>(document: T): Promise<T>;
  /**
   * Deletes, or with finalizers sets deletionTimestamp. Dependents whose every owner is gone are deleted by the
   * owner-deletion pass after commit (`background`), or lose the reference (`orphan`).
   */
  delete(key: ResourceKey, options?: DeleteOptions): Promise<ResourceDocument | undefined>;
}

export interface DeleteOptions {
  uid?: string;
  resourceVersion?: string;
  propagation?: 'background' | 'orphan';
}

/**
 * The store of documents: one row per document, one row of `changes` per write, rv order = commit order per kind.
 * Adapters: `resource-store.pg.ts`; in memory for unit tests: `@flotilla/resources/testing`. One contract suite runs on both.
 */
export abstract class ResourceStore {
  abstract get<T extends ResourceDocument>(key: ResourceKey): Promise<T | undefined>;
  abstract list<T extends ResourceDocument>(kind: string, options?: ListOptions): Promise<ListResult<T>>;
  /** Live events in rv order, every rv once; ends when the signal aborts. */
  abstract watch<T extends ResourceDocument>(kind: string, options: WatchOptions): AsyncIterable<ResourceEvent<T>>;
  /** One unit of work. Several kinds are locked in kind order, so writers never deadlock on the clocks. */
  abstract transaction<T>(context: WriteContext, work: (tx: ResourceTransaction) => Promise<T>): Promise<T>;
  /** The newest rv of a kind: what a watch that starts now starts from. */
  abstract currentResourceVersion(kind: string): Promise<string>;
  /** The change history of one document, newest first. */
  abstract history(key: ResourceKey, limit?: number): Promise<ChangeRecord[]>;
}

export interface ChangeRecord {
  resourceVersion: string;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  kind: string;
  uid: string;
  actor: string;
  at: string;
  /** Dotted paths of the fields that changed. */
  fieldPaths: string[];
  document: ResourceDocument;
  traceparent?: string;
}

/**
 * Application status at rate: a narrow row per (cluster, application), upserted in batches, one rv range of the
 * Application clock per batch. `get`, `list` and `watch` of Application serve the newer of document and row merged.
 * A change row is written only when sync, health or operation phase moves.
 */
export interface StatusRow {
  namespace: string;
  name: string;
  uid: string;
  /** The whole Application status to serve. */
  status: Record<string, unknown>;
}

export abstract class ApplicationStatusWriter {
  abstract upsert(rows: readonly StatusRow[], context: WriteContext, tx?: SqlRunner): Promise<void>;
}
