import { FlotillaError } from '@flotilla/kernel';
import type { KubeObject } from './storage.js';

/** The log no longer reaches back to the asked resourceVersion: list again and watch from there (HTTP 410). */
export class LogGoneError extends FlotillaError {
  readonly code = 'gone';
}

export interface LogEntry {
  resourceVersion: bigint;
  /** The state before; absent when the object was created. */
  before: KubeObject | undefined;
  /** The state after; absent when the object was removed. */
  after: KubeObject | undefined;
}

/** The newest changes of one resource, bounded; any number of readers follow it at their own pace. */
export class EventLog {
  readonly #capacity: number;
  #entries: LogEntry[] = [];
  /** Position of `#entries[0]` among all entries ever appended. */
  #start = 0;
  /** Everything after this version is still here. */
  #floor: bigint;
  readonly #listeners = new Set<() => void>();

  constructor(capacity: number, floor: bigint) {
    this.#capacity = capacity;
    this.#floor = floor;
  }

  append(entry: LogEntry): void {
    this.#entries.push(entry);
    // Half is dropped at a time, so that appending stays cheap.
    if (this.#entries.length > this.#capacity) {
      const dropped = this.#entries.splice(0, Math.ceil(this.#capacity / 2));
      this.#start += dropped.length;
      this.#floor = dropped.at(-1)!.resourceVersion;
    }
    for (const listener of this.#listeners) listener();
  }

  /** The position after which every entry is newer than the version. @throws LogGoneError */
  positionAfter(version: bigint): number {
    if (version < this.#floor) throw this.#gone(version);
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle]!.resourceVersion <= version) low = middle + 1;
      else high = middle;
    }
    return this.#start + low;
  }

  /** The entry at a position; undefined when there is none yet. @throws LogGoneError when it has been dropped */
  at(position: number): LogEntry | undefined {
    if (position < this.#start) throw this.#gone(this.#floor);
    return this.#entries[position - this.#start];
  }

  /** Calls `listener` after every append, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #gone(version: bigint): LogGoneError {
    return new LogGoneError(`too old resource version: ${version} (${this.#floor})`, {
      version: String(version),
      floor: String(this.#floor),
    });
  }
}
