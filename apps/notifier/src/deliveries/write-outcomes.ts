import { UnavailableError } from '@flotilla/kernel';
import type { Outcome } from './claimed-intent.js';

/** Receipts that one statement writes at most; the messages in hand bound how many may wait for the next. */
const MAX_BATCH = 256;

interface Waiting {
  outcome: Outcome;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Writes what became of messages in groups: whatever ends while one write is under way is in the next. A group that fails is halved
 * until the receipt that cannot be written stands alone; all others are kept.
 */
export class WriteOutcomes {
  readonly #settle: (outcomes: readonly Outcome[]) => Promise<void>;
  readonly #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(settle: (outcomes: readonly Outcome[]) => Promise<void>) {
    this.#settle = settle;
  }

  /**
   * Resolves when the receipt is committed.
   * @throws what kept this one receipt from being written: the message stays in doubt and is taken up again when its claim runs out
   */
  write(outcome: Outcome): Promise<void> {
    const written = new Promise<void>((resolve, reject) => void this.#waiting.push({ outcome, resolve, reject }));
    if (!this.#isWriting) void this.#writeAll();
    return written;
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      // Answers that came in the same turn of the loop share the statement.
      await new Promise<void>((resolve) => void setImmediate(resolve));
      await this.#writeGroup(this.#waiting.splice(0, MAX_BATCH));
    }
    this.#isWriting = false;
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#settle(group.map(({ outcome }) => outcome));
      for (const { resolve } of group) resolve();
    } catch (error) {
      // A database that is away refuses every half, too.
      if (group.length === 1 || error instanceof UnavailableError) {
        for (const { reject } of group) reject(error);
        return;
      }
      const middle = Math.ceil(group.length / 2);
      await this.#writeGroup(group.slice(0, middle));
      await this.#writeGroup(group.slice(middle));
    }
  }
}
