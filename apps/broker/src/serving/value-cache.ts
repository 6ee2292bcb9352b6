import type { Keyring } from '@flotilla/keyring';
import { LRUCache } from 'lru-cache';
import { valueContext } from '../grants/reconcile-grant.js';
import type { GrantRow } from '../grants/value.store.js';

const MAX_BYTES = 16 * 1024 * 1024;
/** A rotation reaches a fleet in seconds; after that nobody asks for a value again. */
const KEEP_MS = 60_000;

/**
 * Opened values, for as long as a fleet asks for them. What leaves the cache is overwritten, and each caller gets bytes of its
 * own to overwrite. Node keeps no other copy that could be: the text a value came from is garbage until it is collected.
 */
export class ValueCache {
  readonly #keyring: Keyring;
  readonly #values: LRUCache<string, Uint8Array>;

  constructor(keyring: Keyring, now: () => number) {
    this.#keyring = keyring;
    this.#values = new LRUCache({
      maxSize: MAX_BYTES,
      sizeCalculation: ({ length }) => Math.max(length, 1),
      ttl: KEEP_MS,
      perf: { now },
      dispose: (bytes) => bytes.fill(0),
    });
  }

  /** @throws InvalidInputError for a row whose value was changed or is another's */
  open({ uid, version, sealed }: GrantRow & { version: string; sealed: string }): Uint8Array {
    const key = `${uid} ${version}`;
    const known = this.#values.get(key);
    if (known) return new Uint8Array(known);
    const opened = this.#keyring.open(sealed, valueContext(uid, version));
    this.#values.set(key, new Uint8Array(opened));
    return opened;
  }

  /** Overwrites what is too old. */
  sweep(): void {
    this.#values.purgeStale();
  }
}
