import type { BlobStore } from '@flotilla/blobs';
import { parseBundle } from '@flotilla/bundle';
import type { Bundle } from '@flotilla/contracts';
import { type Digest, UnavailableError } from '@flotilla/kernel';

const MAX_BUNDLES = 256;

/** Parsed bundles by digest: immutable, so only their number is bounded. */
export class BundleCache {
  readonly #blobs: BlobStore;
  readonly #bundles = new Map<string, Bundle>();

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  /** @throws UnavailableError when the blob is not there: never an empty bundle */
  async get(digest: string): Promise<Bundle> {
    const known = this.#bundles.get(digest);
    if (known) {
      this.#bundles.delete(digest);
      this.#bundles.set(digest, known);
      return known;
    }
    const [blob] = await this.#blobs.get([digest as Digest]);
    if (!blob) throw new UnavailableError(`bundle ${digest} is not in the blob store`, { digest });
    const bundle = parseBundle(new TextDecoder().decode(blob.bytes), digest);
    this.#bundles.set(digest, bundle);
    const oldest = this.#bundles.keys().next();
    if (this.#bundles.size > MAX_BUNDLES && !oldest.done) this.#bundles.delete(oldest.value);
    return bundle;
  }
}
