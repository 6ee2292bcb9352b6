/** Warnings of one expansion beyond this number are counted, not kept. */
const MAX_WARNINGS = 50;

/** Collects each warning once. */
export class WarningList {
  readonly #texts = new Set<string>();
  #more = 0;

  add(text: string): void {
    if (this.#texts.has(text)) return;
    if (this.#texts.size < MAX_WARNINGS) this.#texts.add(text);
    else this.#more++;
  }

  list(): string[] {
    return this.#more === 0 ? [...this.#texts] : [...this.#texts, `${this.#more} more warnings`];
  }
}
