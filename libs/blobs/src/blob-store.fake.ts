import { zstdCompressSync } from 'node:zlib';
import { type Clock, type Digest, systemClock } from '@flotilla/kernel';
import { type Blob, BlobStore } from './blob-store.js';
import { checkBlob } from './check-blob.js';

/** The store in memory. */
export class FakeBlobStore extends BlobStore {
  readonly #clock: Clock;
  readonly #blobs = new Map<Digest, Blob & { usedAtMs: number }>();

  constructor(clock: Clock = systemClock) {
    super();
    this.#clock = clock;
  }

  override async put(blobs: readonly Blob[]): Promise<void> {
    for (const blob of blobs) checkBlob(blob);
    for (const blob of blobs) {
      const bytes = this.#blobs.get(blob.digest)?.bytes ?? Uint8Array.from(blob.bytes);
      this.#blobs.set(blob.digest, { ...blob, bytes, usedAtMs: this.#clock.now() });
    }
  }

  override async get(digests: readonly Digest[]): Promise<Blob[]> {
    return this.#found(digests).map(({ digest, bytes, sealed }) => ({ digest, bytes: Uint8Array.from(bytes), sealed }));
  }

  override async getCompressed(digests: readonly Digest[]): Promise<{ digest: Digest; frame: Uint8Array }[]> {
    return this.#found(digests)
      .filter(({ sealed }) => !sealed)
      .map(({ digest, bytes }) => ({ digest, frame: zstdCompressSync(bytes) }));
  }

  override async missing(digests: readonly Digest[]): Promise<Digest[]> {
    for (const blob of this.#found(digests)) blob.usedAtMs = this.#clock.now();
    return [...new Set(digests)].filter((digest) => !this.#blobs.has(digest));
  }

  override async sweep(live: AsyncIterable<Digest>, graceMs: number): Promise<number> {
    const cutoffMs = this.#clock.now() - graceMs;
    const marked = new Set<Digest>();
    for await (const digest of live) marked.add(digest);
    if (marked.size === 0) return 0;
    const dropped = [...this.#blobs.values()].filter(({ digest, usedAtMs }) => !marked.has(digest) && usedAtMs <= cutoffMs);
    for (const { digest } of dropped) this.#blobs.delete(digest);
    return dropped.length;
  }

  #found(digests: readonly Digest[]) {
    return [...new Set(digests)].flatMap((digest) => this.#blobs.get(digest) ?? []);
  }
}
