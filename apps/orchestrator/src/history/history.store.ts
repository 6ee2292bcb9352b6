import type { SqlRunner } from '@flotilla/persistence';

/** What a unit no longer needs; ids are `namespace/name` of the documents. */
export interface OldHistory {
  releases: string[];
  rollouts: string[];
}

export interface HistoryUnit {
  kind: 'ApplicationSet' | 'Application';
  namespace: string;
  name: string;
  uid: string;
  /** No application belongs to it any more. */
  isEmpty: boolean;
}

/**
 * Old releases and runs. Never old is a release that is assigned somewhere, that a cluster still reports, that is the unit's
 * latest or last good one, or that an active run or the unit's newest one rolls out or back to; nor a run that is active, the
 * unit's newest, the newest of such a release, or named by an assignment.
 */
export abstract class HistoryStore {
  abstract unit(unit: string): Promise<HistoryUnit | undefined>;
  /** The oldest ones first, at most `limit` of each. `isGone`: the unit itself is no reason to keep anything. */
  abstract old(unit: string, options: { isGone: boolean; limit: number }): Promise<OldHistory>;
  /** Join the caller's transaction; they ask again whether it is old, and say whether it went. */
  abstract forgetRelease(sql: SqlRunner, unit: string, release: string, isGone: boolean): Promise<boolean>;
  abstract forgetRollout(sql: SqlRunner, unit: string, rollout: string, isGone: boolean): Promise<boolean>;
  /** The row of a unit that has nothing left. */
  abstract forgetUnit(unit: string): Promise<void>;
  /** Names units that may have old history; drops what bundles nobody uses define. */
  abstract sweep(now: number): Promise<void>;
}
