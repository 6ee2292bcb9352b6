import { TemplateLimitError } from './template.errors.js';

/** Characters that one document, or one value of a generator, may have once its tags are filled in. */
export const MAX_FILLED_TEXT = 4 * 1024 * 1024;

/** Counts what plain templates write: a long parameter named often would fill the memory. */
export class TextBudget {
  #left = MAX_FILLED_TEXT;

  /** @throws TemplateLimitError when fewer are left */
  spend(length: number): void {
    this.#left -= length;
    if (this.#left < 0) throw new TemplateLimitError(`the template makes more than ${MAX_FILLED_TEXT} characters of text`);
  }
}
