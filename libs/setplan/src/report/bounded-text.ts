/** A text of sections that never grows beyond a number of bytes; what does not fit is left to the caller to count. */
export class BoundedText {
  readonly #limit: number;
  #text = '';
  #bytes = 0;

  /** @param limit UTF-8 bytes, which are at least as many as characters */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds the whole section, keeping `reserve` bytes free, or nothing. */
  add(section: string, reserve = 0): boolean {
    const bytes = Buffer.byteLength(section);
    if (this.#bytes + bytes + reserve > this.#limit) return false;
    this.#text += section;
    this.#bytes += bytes;
    return true;
  }

  /** Adds sections in order until one does not fit; answers how many were left out. */
  addAll(sections: readonly string[], reserve: number): number {
    const missing = sections.findIndex((section) => !this.add(section, reserve));
    return missing < 0 ? 0 : sections.length - missing;
  }

  toString(): string {
    return this.#text;
  }
}

/** GitHub refuses a comment with more characters. */
export const MAX_COMMENT = 65_536;
