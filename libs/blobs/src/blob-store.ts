import type { Digest } from '@flotilla/kernel';

/** Content plus how it rests: plain (zstd) or sealed under the master key (Secret objects; the digest is an HMAC). */
export interface Blob {
  digest: Digest;
  bytes: Uint8Array;
  sealed: boolean;
}

/**
 * Content-addressed, immutable store in PostgreSQL (schema `blobs`), written by the renderer, read by digest by any
 * service. A blob is committed before anything names it; collection is mark and sweep with 24 h grace.
 */
export abstract class BlobStore {
  /** Stores what is missing and answers after commit; `bytes` are the clear content, `sealed` ones are encrypted at rest. */
  abstract put(blobs: readonly Blob[]): Promise<void>;
  /** Clear content of those that exist, in no order; sealed ones are opened. */
  abstract get(digests: readonly Digest[]): Promise<Blob[]>;
  /** zstd frames of plain blobs as they rest, for sending on without unpacking; sealed digests are left out. */
  abstract getCompressed(digests: readonly Digest[]): Promise<{ digest: Digest; frame: Uint8Array }[]>;
  abstract missing(digests: readonly Digest[]): Promise<Digest[]>;
  /** Drops blobs older than `graceMs` that `live` does not name; returns how many. */
  abstract sweep(live: AsyncIterable<Digest>, graceMs: number): Promise<number>;
}
