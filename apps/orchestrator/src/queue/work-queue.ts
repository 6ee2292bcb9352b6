import type { SqlRunner } from '@flotilla/persistence';

/**
 * What a key is due for. `unit`: release what its sources and spec say; `rollout`: decide; `cluster`: write its desired document;
 * `local`: apply control-plane objects to the hub's own store; `application`: look at its document again; `summary`: write the
 * Release and FleetRollout documents; `history`: forget old releases and runs of a unit.
 */
export type WorkKind = 'unit' | 'rollout' | 'cluster' | 'local' | 'application' | 'summary' | 'history';

export interface WorkItem {
  kind: WorkKind;
  key: string;
  version: number;
  /** Whose it is until it is finished or the claim runs out. */
  claim: string;
  /** Times it was taken without being finished. */
  attempts: number;
}

/** Due keys as rows: whoever is killed in the middle leaves its keys to be taken again when the lease is over. */
export abstract class WorkQueue {
  /** Joins the caller's transaction when given its connection; an earlier due time wins. */
  abstract add(kind: WorkKind, keys: readonly string[], dueAt: number, sql?: SqlRunner): Promise<void>;
  /** Kinds that have something due; nothing is written. */
  abstract dueKinds(now: number): Promise<WorkKind[]>;
  /** Takes due keys for `leaseMs`; another copy takes others. */
  abstract claim(kind: WorkKind, limit: number, now: number, leaseMs: number): Promise<WorkItem[]>;
  /** Items of one claim. */
  abstract extend(items: readonly WorkItem[], until: number): Promise<void>;
  /** Items of one claim. Forgets a key unless it was named again meanwhile; that one is due when that said. */
  abstract finish(items: readonly WorkItem[]): Promise<void>;
  /** Items of one claim: due again later. */
  abstract postpone(items: readonly WorkItem[], dueAt: number): Promise<void>;
}
