import { digestBytes, InvalidInputError, isDigest } from '@flotilla/kernel';
import type { Blob } from './blob-store.js';

/** A bundle of the largest application stays far below it. */
export const MAX_BLOB_BYTES = 32 * 1024 * 1024;

/** @throws InvalidInputError for a blob that is too large, or whose digest is not that of its content */
export function checkBlob({ digest, bytes, sealed }: Blob): void {
  if (!isDigest(digest)) throw new InvalidInputError('a blob is named by 64 lower-case hex characters');
  if (bytes.length > MAX_BLOB_BYTES)
    throw new InvalidInputError(`blob ${digest} has ${bytes.length} bytes; at most ${MAX_BLOB_BYTES} are stored`);
  // The digest of a sealed blob is an HMAC, which only its writer can check.
  if (!sealed && digestBytes(bytes) !== digest) throw new InvalidInputError(`blob ${digest} has content with another digest`);
}

/** One of each digest, in the order of digests, so that two writers of the same ones never wait for each other. */
export function inOrder<T extends { digest: string }>(blobs: readonly T[]): T[] {
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
}
