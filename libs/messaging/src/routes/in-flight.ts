/** Bounds what a route does at once: so many run, so many more wait their turn, and whatever exceeds both is refused. */
export class InFlight {
  readonly #max: number;
  readonly #maxWaiting: number;
  #running = 0;
  readonly #waiting: { start: () => void; dropped?: () => void }[] = [];
  readonly #whenIdle: (() => void)[] = [];

  constructor(max: number, maxWaiting = max * 4) {
    this.#max = max;
    this.#maxWaiting = maxWaiting;
  }

  get running(): number {
    return this.#running;
  }

  /** False when the work was refused and will never run; `dropped` is told of work that waited in vain. Neither must throw. */
  run(work: () => Promise<void>, dropped?: () => void): boolean {
    if (this.#running < this.#max) {
      this.#start(work);
      return true;
    }
    if (this.#waiting.length >= this.#maxWaiting) return false;
    this.#waiting.push({ start: () => this.#start(work), dropped });
    return true;
  }

  /** Drops what waits and resolves when nothing runs any more. */
  idle(): Promise<void> {
    for (const { dropped } of this.#waiting.splice(0)) dropped?.();
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #start(work: () => Promise<void>): void {
    this.#running++;
    void work().finally(() => {
      this.#running--;
      this.#waiting.shift()?.start();
      if (this.#running === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
    });
  }
}
