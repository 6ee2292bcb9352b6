/** A wait with a limit that can be cut short; a ring while nobody waits is kept for the next wait. */
export class Doorbell {
  #isRung = false;
  #answer: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    this.#answer?.();
  }

  wait(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answer?.(), limitMs);
      this.#answer = () => {
        clearTimeout(timer);
        this.#isRung = false;
        this.#answer = undefined;
        resolve();
      };
      if (this.#isRung) this.#answer();
    });
  }
}
