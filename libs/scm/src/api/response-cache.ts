/** An answer that may still hold, and the tag to ask with. */
export interface CachedAnswer {
  etag: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

/** Counted per entry besides its body: address, headers and the map's own cost. */
const ENTRY_BYTES = 1024;

/** Answers by address and credential, the least recently used dropped first, so that a poll of what did not change costs no quota. */
export class ResponseCache {
  readonly #maxBytes: number;
  readonly #entries = new Map<string, CachedAnswer>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): CachedAnswer | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  set(key: string, answer: CachedAnswer): void {
    this.delete(key);
    const size = sizeOf(answer);
    if (size > this.#maxBytes / 4) return;
    this.#entries.set(key, answer);
    this.#bytes += size;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= sizeOf(entry);
  }
}

function sizeOf(answer: CachedAnswer): number {
  return answer.body.length + ENTRY_BYTES;
}
