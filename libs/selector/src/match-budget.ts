import { InvalidInputError } from '@flotilla/kernel';

/** Steps that many matches may take together: hostile patterns over a large tree end in an error, not in an hour. */
export class MatchBudget {
  readonly #limit: number;
  #left: number;

  constructor(steps: number) {
    this.#limit = steps;
    this.#left = steps;
  }

  /** @throws InvalidInputError when fewer are left */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new InvalidInputError(`matching the patterns takes more than ${this.#limit} steps`, { steps: this.#limit });
  }
}
