import type { SqlRunner } from '@flotilla/persistence';
import type { Revisions } from '../candidates/pin-commits.js';
import type { Member } from './freeze-member.js';

export type ReleaseState = 'Pending' | 'Progressing' | 'Live' | 'Failed' | 'RolledBack' | 'Aborted' | 'Superseded';
/** States after which only a person, or other content, starts a release again. */
export const ENDED_BADLY: readonly ReleaseState[] = ['Failed', 'RolledBack', 'Aborted'];

export interface Unit {
  unit: string;
  kind: 'ApplicationSet' | 'Application';
  namespace: string;
  name: string;
  uid: string;
  /** Release that should run, or runs. */
  latest?: string;
  /** Newest release that went through. */
  good?: string;
}

export interface ReleaseRow {
  /** `namespace/name` of its document. */
  release: string;
  unit: string;
  name: string;
  sequence: number;
  key: string;
  revisions: Revisions;
  state: ReleaseState;
  createdAt: number;
  traceparent?: string;
}

/** How a release relates to candidate members, over those both have. */
export interface ReleaseMatch {
  release: string;
  state: ReleaseState;
  isEqual: boolean;
  /** Uids of candidates the release does not have. */
  joiners: string[];
}

export interface AssignOptions {
  /** Who gets it; all members without. */
  clusters?: readonly string[];
  uids?: readonly string[];
  /** False: compare and report only. */
  apply: boolean;
  rollout?: string;
  /** Assigns again what is assigned already, and asks for a sync of it. */
  again?: { operation: string; actor: string };
}

export abstract class ReleaseStore {
  abstract unit(unit: string): Promise<Unit | undefined>;
  /** The unit's row, made if there is none. */
  abstract ensureUnit(unit: Unit): Promise<Unit>;
  abstract unitNamed(kind: string, namespace: string, name: string): Promise<Unit | undefined>;
  abstract release(release: string): Promise<ReleaseRow | undefined>;
  abstract countMembers(release: string): Promise<number>;
  /** Joins the caller's transaction, until whose end the release is not forgotten either. */
  abstract isKept(sql: SqlRunner, release: string): Promise<boolean>;
  /** Compares with the unit's newest releases, newest first. */
  abstract match(unit: string, members: readonly Member[]): Promise<ReleaseMatch[]>;
  /** Makes the next release of the unit, and its latest one. */
  abstract create(
    unit: Unit,
    release: { key: string; revisions: Revisions; traceparent?: string },
    members: readonly Member[],
    now: number,
  ): Promise<ReleaseRow>;
  abstract makeLatest(unit: string, release: string, now: number): Promise<void>;
  /** Newer commits that changed nothing, and members that joined or left. */
  abstract amend(
    release: string,
    change: { revisions: Revisions; joiners: readonly Member[]; keep?: readonly string[] },
    now: number,
  ): Promise<void>;
  abstract setState(release: string, state: ReleaseState, now: number): Promise<void>;
  /** Assigns members that are not deleting; what they have already is left alone. Returns the clusters whose document changes. */
  abstract assign(release: string, options: AssignOptions, now: number): Promise<string[]>;
  /** Digest of what each application has now. */
  abstract assigned(uids: readonly string[]): Promise<Map<string, { release: string; cluster: string; digest: string; bundle: string }>>;
}
