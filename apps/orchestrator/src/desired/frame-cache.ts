import type { BlobStore } from '@flotilla/blobs';
import type { Digest } from '@flotilla/kernel';
import DataLoader from 'dataloader';
import { LRUCache } from 'lru-cache';

const MAX_BYTES = 32 * 1024 * 1024;
/** A larger frame is read each time: it would drive out what many spokes ask for. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
const MAX_PER_QUERY = 64;

/** zstd frames of plain blobs, as they rest. One release is the same blobs for a whole fleet: they are read once. */
export class FrameCache {
  readonly #frames = new LRUCache<Digest, Uint8Array>({
    maxSize: MAX_BYTES,
    maxEntrySize: MAX_FRAME_BYTES,
    sizeCalculation: ({ length }) => Math.max(length, 1),
  });
  readonly #missing: DataLoader<Digest, Uint8Array | undefined>;

  constructor(blobs: BlobStore) {
    const read = async (digests: readonly Digest[]): Promise<(Uint8Array | undefined)[]> => {
      const found = await blobs.getCompressed([...new Set(digests)]);
      for (const { digest, frame } of found) this.#frames.set(digest, frame);
      const frames = new Map(found.map(({ digest, frame }) => [digest, frame]));
      return digests.map((digest) => frames.get(digest));
    };
    this.#missing = new DataLoader(read, {
      cache: false,
      maxBatchSize: MAX_PER_QUERY,
      batchScheduleFn: (run) => void setImmediate(run),
    });
  }

  /** Those that exist, by digest. */
  async get(digests: readonly Digest[]): Promise<Map<string, Uint8Array>> {
    const frames = await Promise.all(digests.map(async (digest) => this.#frames.get(digest) ?? this.#missing.load(digest)));
    return new Map(digests.flatMap((digest, i) => (frames[i] ? [[digest, frames[i]]] : [])));
  }
}
