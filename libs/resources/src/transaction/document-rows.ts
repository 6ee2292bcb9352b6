import type { ResourceDocument } from '@flotilla/contracts';
import type { StoredDocument } from '../document/stage-write.js';
import type { ListOptions, ListResult, ResourceKey } from '../resource-store.js';

/** What a transaction reads from; over SQL or over memory. */
export interface DocumentRows {
  /** In the order of the keys, undefined for what does not exist; `lock` holds the rows until the transaction ends. */
  load(keys: readonly ResourceKey[], lock: boolean): Promise<(StoredDocument | undefined)[]>;
  list(kind: string, options: ListOptions): Promise<ListResult>;
  /** Documents that name this uid as an owner. */
  dependentsOf(uid: string): Promise<ResourceKey[]>;
}

/** The net change of one document by one transaction. */
export interface StagedWrite {
  key: ResourceKey;
  before: StoredDocument | undefined;
  /** Undefined: it is deleted. */
  after: ResourceDocument | undefined;
  /** What callers hold of it: they are given the resourceVersion once it is known, at commit. */
  handedOut: ResourceDocument[];
}

/** The last state of what a write leaves: of a deletion the one before it. */
export function lastState({ before, after }: StagedWrite): ResourceDocument {
  const document = after ?? before?.document;
  if (!document) throw new Error('a staged write has neither a before nor an after');
  return document;
}

export function changeType({ before, after }: StagedWrite): 'ADDED' | 'MODIFIED' | 'DELETED' {
  if (!after) return 'DELETED';
  return before ? 'MODIFIED' : 'ADDED';
}

/** Gives everyone who holds the outcome of a write its resourceVersion. */
export function settleRv(write: StagedWrite, rv: number): void {
  for (const document of write.handedOut) document.metadata.resourceVersion = String(rv);
}
