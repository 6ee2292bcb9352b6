import type { Position, Removal, SignedHeader } from '@flotilla/contracts';
import type { SpokeId } from '@flotilla/kernel';
import type { Assignment, DocumentGrant, SecretVersions } from './build-document.js';

export interface StoredDocument {
  cluster: string;
  signed: SignedHeader;
  /** zstd of the body text. */
  body: Uint8Array;
}

/** A document to store. */
export interface NewDocument extends StoredDocument {
  grants: readonly DocumentGrant[];
}

/** What a cluster's document is made of, read under its lock. */
export interface DocumentInput {
  cluster: string;
  spoke: SpokeId;
  position: Position;
  bodyDigest?: string;
  /** Spoke the stored document is addressed to. */
  writtenFor?: string;
  assignments: Assignment[];
  removals: Removal[];
  /** Of the secrets its assignments have. */
  versions: SecretVersions;
}

/** What is known of one spoke when it asks. */
export interface SpokeView {
  cluster: string;
  phase: string;
  session: number;
  sealingKey?: string;
  position?: Position;
  isObserved: boolean;
  /** Where the spoke's acknowledged status stands. */
  report: { session: number; seq: number };
}

export abstract class DocumentStore {
  /**
   * One transaction over the locked clusters: `write` gets what each document is made of and returns the new ones; clusters
   * without a spoke, and those held in observe mode, are left out. Returns what was stored.
   */
  abstract update(
    clusters: readonly string[],
    now: number,
    write: (inputs: readonly DocumentInput[]) => NewDocument[],
  ): Promise<StoredDocument[]>;
  abstract view(spoke: SpokeId): Promise<SpokeView | undefined>;
  abstract read(cluster: string): Promise<StoredDocument | undefined>;
  abstract position(cluster: string): Promise<(Position & { observe: boolean }) | undefined>;
  /** Holds a cluster: its document is not written until an operator has looked. */
  abstract observe(cluster: string, held: SignedHeader, now: number): Promise<void>;
  /** Clusters whose document was last written before this time and has work waiting may be written now; keeps bursts apart. */
  abstract lastWritten(clusters: readonly string[]): Promise<Map<string, number>>;
}
