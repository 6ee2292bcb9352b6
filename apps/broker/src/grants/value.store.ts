import type { SqlRunner } from '@flotilla/persistence';

export interface GrantPlace {
  namespace: string;
  name: string;
}

/** What is kept of one SecretGrant. Times are milliseconds. */
export interface GrantRow extends GrantPlace {
  uid: string;
  /** Of the last good value; absent while none was read. */
  version?: string;
  /** The last good value, sealed under the master key. */
  sealed?: string;
  since?: number;
  refreshedAt?: number;
  /** Digest of what the last read, good or not, was made from. */
  input?: string;
  failures: number;
  failingSince?: number;
  /** When the provider is read again by itself; absent for never. */
  nextAt?: number;
  /** Why nobody gets the value any more. */
  blocked?: string;
}

export type Good = Required<Pick<GrantRow, 'version' | 'sealed' | 'since' | 'refreshedAt' | 'input'>> & Pick<GrantRow, 'nextAt'>;
export type Failed = Required<Pick<GrantRow, 'input' | 'failures' | 'failingSince' | 'nextAt'>>;

/** The rows of grants. A claim lets one copy of the broker at a time read for a grant; it ends by itself, by PostgreSQL's clock. */
export abstract class ValueStore {
  abstract get(place: GrantPlace): Promise<GrantRow | undefined>;
  /** Those of a list that exist. */
  abstract list(places: readonly GrantPlace[]): Promise<GrantRow[]>;
  /** The row, claimed; undefined while another holder has it. A row of another uid is begun anew. */
  abstract claim(place: GrantPlace & { uid: string }, holder: string, ttlMs: number): Promise<GrantRow | undefined>;
  /** Keeps a good value and ends the claim. @throws ConflictError when the claim is another's by now */
  abstract keep(tx: SqlRunner, place: GrantPlace, holder: string, good: Good): Promise<void>;
  /** Notes a failed read, ends the claim, keeps the last good value. @throws ConflictError */
  abstract fail(tx: SqlRunner, place: GrantPlace, holder: string, failed: Failed): Promise<void>;
  /** Ends a claim that came to nothing. */
  abstract release(place: GrantPlace, holder: string): Promise<void>;
  /** Bars a value from being handed out, or with undefined lets it go again; nothing when there is no row. */
  abstract block(place: GrantPlace, why: string | undefined): Promise<void>;
  abstract remove(place: GrantPlace): Promise<void>;
}
