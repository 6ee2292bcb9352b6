import type { ReceiptsVerb, ReceiptsVerbReply, SecretGrant } from '@flotilla/contracts';
import type { SqlRunner } from '@flotilla/persistence';

export interface SourceKey {
  namespace: string;
  name: string;
}

/** Who asks for a source in kept releases; each is absent where there are several, or none. */
export interface Askers {
  application?: string;
  applicationSet?: string;
  cluster?: string;
}

/** The secrets that releases ask for, and what spokes made of them. */
export abstract class SecretStore {
  abstract spec(key: SourceKey): Promise<SecretGrant['spec'] | undefined>;
  /** Undefined where no kept release names the source. */
  abstract askers(key: SourceKey): Promise<Askers | undefined>;
  /** Joins the caller's transaction, until whose end the source is not forgotten either. */
  abstract isKept(sql: SqlRunner, key: SourceKey): Promise<boolean>;
  /**
   * The version its document names now: clusters whose stored documents hold a grant of it become due, and only those. An older
   * reading of the document changes nothing. True when the version is another one.
   */
  abstract observe(key: SourceKey, seen: { version: string; rv: string }, now: number): Promise<boolean>;
  /** The document is to be written again. */
  abstract rewrite(key: SourceKey, now: number): Promise<void>;
  /** All documents are to be looked at again, spread over that time. */
  abstract rewriteAll(now: number, withinMs: number): Promise<void>;
  /** Sources that no kept release and no stored document names, and that no release made since `before` asked for. */
  abstract unused(before: number, limit: number): Promise<SourceKey[]>;
  /** Joins the caller's transaction; asks again whether it is unused, and says whether it went. */
  abstract forget(sql: SqlRunner, key: SourceKey, before: number): Promise<boolean>;
  /** Every grant in stored documents with what its cluster said of it, sorted by cluster. */
  abstract receipts(of: ReceiptsVerb): Promise<ReceiptsVerbReply['receipts']>;
}
