/** Row locks in memory: what a transaction holds it holds until it ends. */
export class KeyLocks {
  readonly #held = new Map<string, Promise<void>>();

  /** Takes the locks one after the other in order and returns what releases them. */
  async take(keys: readonly string[]): Promise<() => void> {
    const releases: (() => void)[] = [];
    for (const key of [...keys].sort()) {
      for (let holder = this.#held.get(key); holder; holder = this.#held.get(key)) await holder;
      releases.push(this.#hold(key));
    }
    return () => {
      for (const release of releases) release();
    };
  }

  #hold(key: string): () => void {
    let release: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#held.set(key, ended);
    return () => {
      this.#held.delete(key);
      release();
    };
  }
}
