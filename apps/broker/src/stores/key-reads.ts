import { type Clock, canonicalJson } from '@flotilla/kernel';
import { LRUCache } from 'lru-cache';
import type { RemoteKey, SecretDocument } from '../providers/secret.provider.js';
import type { OpenedStore } from './open-stores.js';

/** How long one read serves all who ask: one refresh of the grants that share a key. */
const KEEP_MS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_PENDING = 200;

interface Kept {
  document: SecretDocument;
  startedAt: number;
}

/**
 * Reads each key of a store once for everybody who asks at about the same time. What leaves the cache is overwritten; a caller
 * gets bytes of its own.
 */
export class KeyReads {
  readonly #clock: Clock;
  readonly #kept = new LRUCache<string, Kept>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ document }) => document.bytes.length + 200,
    dispose: ({ document }) => document.bytes.fill(0),
  });
  readonly #pending = new Map<string, { startedAt: number; document: Promise<SecretDocument> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param notBefore a read that began earlier is not taken
   * @throws SecretFault
   */
  async read(store: OpenedStore, key: RemoteKey, notBefore: number, signal: AbortSignal): Promise<SecretDocument> {
    const { property, ...document } = key;
    const place = `${store.fingerprint} ${canonicalJson(store.reader.asksForProperty ? { ...document, property } : document)}`;
    const now = this.#clock.now();
    const earliest = Math.max(Math.min(notBefore, now), now - KEEP_MS);
    const known = this.#kept.get(place);
    if (known && known.startedAt >= earliest) return copyOf(known.document);
    const running = this.#pending.get(place);
    if (running && running.startedAt >= earliest) return copyOf(await running.document);
    return copyOf(await this.#start(place, store, key, signal));
  }

  /** Forgets everything that was kept too long. */
  sweep(): void {
    const oldest = this.#clock.now() - KEEP_MS;
    for (const [place, { startedAt }] of [...this.#kept.entries()]) if (startedAt < oldest) this.#kept.delete(place);
  }

  #start(place: string, { reader }: OpenedStore, key: RemoteKey, signal: AbortSignal): Promise<SecretDocument> {
    const startedAt = this.#clock.now();
    const document = reader.read(key, signal).then((read) => {
      this.#kept.set(place, { document: { ...read, bytes: new Uint8Array(read.bytes) }, startedAt });
      return read;
    });
    if (this.#pending.size >= MAX_PENDING) return document;
    const pending = { startedAt, document };
    this.#pending.set(place, pending);
    const forget = (): void => {
      if (this.#pending.get(place) === pending) this.#pending.delete(place);
    };
    document.then(forget, forget);
    return document;
  }
}

function copyOf(document: SecretDocument): SecretDocument {
  return { ...document, bytes: new Uint8Array(document.bytes) };
}
