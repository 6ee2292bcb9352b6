import type { LogEntry, LogPage } from './log-source.js';

/** Newest entries of one kind's log in memory, bounded by number and by size. */
export class ChangeRing {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #entries: { entry: LogEntry; bytes: number }[] = [];
  #bytes = 0;
  /** Everything in (low, high] is here. */
  #low: number;
  #high: number;

  constructor(startRv: number, limits: { maxEntries: number; maxBytes: number }) {
    this.#low = startRv;
    this.#high = startRv;
    this.#maxEntries = limits.maxEntries;
    this.#maxBytes = limits.maxBytes;
  }

  get high(): number {
    return this.#high;
  }

  append(entries: readonly { entry: LogEntry; bytes: number }[], upTo: number): void {
    for (const item of entries) {
      this.#entries.push(item);
      this.#bytes += item.bytes;
    }
    this.#high = Math.max(this.#high, upTo);
    let dropped = 0;
    while (this.#entries.length - dropped > this.#maxEntries || (this.#bytes > this.#maxBytes && dropped < this.#entries.length)) {
      const oldest = this.#entries[dropped]!;
      this.#bytes -= oldest.bytes;
      this.#low = oldest.entry.rv;
      dropped += 1;
    }
    if (dropped > 0) this.#entries.splice(0, dropped);
  }

  /** Undefined when the ring does not reach back to `after`. */
  read(after: number, limit: number): LogPage | undefined {
    if (after < this.#low) return undefined;
    const start = this.#firstAfter(after);
    const page = this.#entries.slice(start, start + limit).map(({ entry }) => entry);
    const isCut = start + page.length < this.#entries.length;
    return { entries: page, upTo: isCut ? page.at(-1)!.rv : Math.max(after, this.#high) };
  }

  #firstAfter(rv: number): number {
    let from = 0;
    let to = this.#entries.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#entries[middle]!.entry.rv > rv) to = middle;
      else from = middle + 1;
    }
    return from;
  }
}
