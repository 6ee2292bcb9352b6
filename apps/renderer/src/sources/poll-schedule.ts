/** When each repository is asked again: every interval, spread by jitter, so that a fleet's repositories do not meet. */
export class PollSchedule {
  readonly #intervalMs: number;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #due = new Map<string, number>();

  /** @param random in [0, 1) */
  constructor(intervalMs: number, now: () => number, random: () => number) {
    this.#intervalMs = intervalMs;
    this.#now = now;
    this.#random = random;
  }

  /** Whether a repository is due; asking takes its turn. One never seen waits for a part of the interval. */
  take(repoURL: string): boolean {
    const now = this.#now();
    const due = this.#due.get(repoURL);
    if (due !== undefined && due > now) return false;
    const isFirst = due === undefined;
    this.#due.set(repoURL, now + this.#intervalMs * (isFirst ? this.#random() : 0.9 + 0.2 * this.#random()));
    for (const [url, at] of this.#due) if (now - at > 10 * this.#intervalMs) this.#due.delete(url);
    return !isFirst;
  }
}
