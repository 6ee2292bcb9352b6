import { ExprLimitError } from '../expr.errors.js';

/** What one evaluation may spend. */
export interface ExprLimits {
  /** Nodes evaluated and values looked at (default 100,000). */
  maxSteps?: number;
  /** Characters of text made (default 1 Mi). */
  maxText?: number;
}

/** Counts down what an evaluation has left; whoever makes text or looks at values says so before doing it. */
export class ExprBudget {
  readonly #maxSteps: number;
  readonly #maxText: number;
  #steps = 0;
  #text = 0;

  constructor({ maxSteps = 100_000, maxText = 1024 * 1024 }: ExprLimits = {}) {
    this.#maxSteps = maxSteps;
    this.#maxText = maxText;
  }

  /** @throws ExprLimitError when fewer are left */
  step(count = 1): void {
    this.#steps += count;
    if (!(this.#steps <= this.#maxSteps)) throw new ExprLimitError(`the expression takes more than ${this.#maxSteps} steps`);
  }

  /** @throws ExprLimitError when fewer characters are left */
  text(length: number): void {
    this.#text += length;
    if (!(this.#text <= this.#maxText)) throw new ExprLimitError(`the expression makes more than ${this.#maxText} characters of text`);
  }
}
