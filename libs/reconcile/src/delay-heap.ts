/** Keys that are due at a time, the earliest first; a key has one time. */
export class DelayHeap {
  readonly #dueAt = new Map<string, number>();
  /** A key whose time changed leaves an entry behind that is skipped when it comes up. */
  #entries: { key: string; at: number }[] = [];

  get size(): number {
    return this.#dueAt.size;
  }

  has(key: string): boolean {
    return this.#dueAt.has(key);
  }

  set(key: string, at: number): void {
    this.#dueAt.set(key, at);
    this.#entries.push({ key, at });
    this.#rise(this.#entries.length - 1);
    if (this.#entries.length > 2 * this.#dueAt.size + 16) this.#rebuild();
  }

  delete(key: string): void {
    this.#dueAt.delete(key);
  }

  clear(): void {
    this.#dueAt.clear();
    this.#entries = [];
  }

  /** The earliest time, undefined when there is none. */
  next(): number | undefined {
    for (let top = this.#entries[0]; top; top = this.#entries[0]) {
      if (this.#dueAt.get(top.key) === top.at) return top.at;
      this.#pop();
    }
    return undefined;
  }

  /** Takes out a key that is due. */
  take(now: number): string | undefined {
    const at = this.next();
    if (at === undefined || at > now) return undefined;
    const key = this.#entries[0]!.key;
    this.#pop();
    this.#dueAt.delete(key);
    return key;
  }

  #rebuild(): void {
    this.#entries = [...this.#dueAt].map(([key, at]) => ({ key, at })).sort((a, b) => a.at - b.at);
  }

  #pop(): void {
    const last = this.#entries.pop();
    if (last && this.#entries.length > 0) {
      this.#entries[0] = last;
      this.#sink();
    }
  }

  #rise(from: number): void {
    for (let i = from; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (this.#entries[parent]!.at <= this.#entries[i]!.at) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #sink(): void {
    for (let i = 0; ; ) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      let least = i;
      if (left < this.#entries.length && this.#entries[left]!.at < this.#entries[least]!.at) least = left;
      if (right < this.#entries.length && this.#entries[right]!.at < this.#entries[least]!.at) least = right;
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #swap(a: number, b: number): void {
    [this.#entries[a], this.#entries[b]] = [this.#entries[b]!, this.#entries[a]!];
  }
}
