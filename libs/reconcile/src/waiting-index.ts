/** Looks in a row at a waiter whose reasons change all the while. */
const MAX_LOOKS = 5;

/** Who waits for what: keys of things by keys of what they wait for, so that a change of any of very many costs one lookup. In memory only. */
export class WaitingIndex {
  readonly #awaited = new Map<string, ReadonlySet<string>>();
  readonly #waiters = new Map<string, Set<string>>();

  /** Waiters there are. */
  get size(): number {
    return this.#awaited.size;
  }

  /**
   * Replaces what a waiter waits for; nothing takes it out.
   * @returns whether it waits for something it did not wait for before
   */
  put(waiter: string, awaited: readonly string[]): boolean {
    const before = this.#awaited.get(waiter);
    for (const key of before ?? []) this.#release(key, waiter);
    if (awaited.length === 0) {
      this.#awaited.delete(waiter);
      return false;
    }
    this.#awaited.set(waiter, new Set(awaited));
    for (const key of awaited) {
      const waiters = this.#waiters.get(key);
      if (waiters) waiters.add(waiter);
      else this.#waiters.set(key, new Set([waiter]));
    }
    return awaited.some((key) => !before?.has(key));
  }

  /**
   * Looks at a waiter, and once more when it waits for something new: that may have gone after the look and before it was awaited.
   * @param look what it waits for, which may be nothing that has a key; undefined when it waits no more
   * @returns whether it waits
   */
  async settle(waiter: string, look: () => Promise<readonly string[] | undefined>): Promise<boolean> {
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      const awaited = await look();
      const isNew = this.put(waiter, awaited ?? []);
      if (!awaited) return false;
      if (!isNew) return true;
    }
    return true;
  }

  /** Those that wait for a key. */
  of(key: string): string[] {
    return [...(this.#waiters.get(key) ?? [])];
  }

  #release(key: string, waiter: string): void {
    const waiters = this.#waiters.get(key);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiters.delete(key);
  }
}
