import { TemplateLimitError } from '../template.errors.js';

/** What one execution may spend; a shared budget covers all texts of a document. */
export interface TemplateLimits {
  /** Nodes executed and values looked at (default 1,000,000). */
  maxSteps?: number;
  /** Characters of text made, output and intermediate texts together (default 16 Mi). */
  maxText?: number;
  /** Characters of one output (default 4 Mi). */
  maxOutput?: number;
  /** Templates that call templates (default 100). */
  maxDepth?: number;
}

export const DEFAULT_LIMITS: Required<TemplateLimits> = {
  maxSteps: 1_000_000,
  maxText: 16 * 1024 * 1024,
  maxOutput: 4 * 1024 * 1024,
  maxDepth: 100,
};

/** Counts down what an execution has left; whoever makes text or looks at values says so before doing it. */
export class Budget {
  readonly limits: Required<TemplateLimits>;
  #steps: number;
  #text: number;

  constructor(limits: TemplateLimits = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    this.#steps = this.limits.maxSteps;
    this.#text = this.limits.maxText;
  }

  /** Steps taken so far. */
  get spent(): number {
    return this.limits.maxSteps - this.#steps;
  }

  /** @throws TemplateLimitError when fewer are left */
  step(count = 1): void {
    this.#steps -= count;
    if (!(this.#steps >= 0)) throw new TemplateLimitError(`the template takes more than ${this.limits.maxSteps} steps`);
  }

  /** @throws TemplateLimitError when fewer characters are left */
  text(length: number): void {
    this.#text -= length;
    if (!(this.#text >= 0)) throw new TemplateLimitError(`the template makes more than ${this.limits.maxText} characters of text`);
  }
}
