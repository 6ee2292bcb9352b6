/** A list this short is never worth a bitmap. */
const SHORT_LIST = 32;
const WORD = 32;
/** Most sets never become a bitmap: they share this one. */
const NO_WORDS = new Uint32Array(0);

/**
 * Numbers of slots: a list while few of the slots below the highest are in it, a bitmap beyond. Either way it holds at most four
 * bytes per slot in it, or four bytes per 32 slots there are, whichever is less.
 */
export class SlotSet {
  #list: number[] | undefined = [];
  #words = NO_WORDS;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The slot must not be in it yet. */
  add(slot: number): void {
    this.#size++;
    if (!this.#list) {
      this.#setBit(slot);
      return;
    }
    this.#list.push(slot);
    if (this.#list.length > SHORT_LIST && this.#list.length * WORD > Math.max(...this.#list)) this.#becomeBitmap(this.#list);
  }

  /** The slot must be in it. */
  delete(slot: number): void {
    this.#size--;
    if (this.#list) {
      const last = this.#list.pop()!;
      if (last !== slot) this.#list[this.#list.indexOf(slot)] = last;
      return;
    }
    this.#words[slot >>> 5]! &= ~(1 << (slot & 31));
    // Half of what made it a bitmap, so that one slot that comes and goes does not convert it each time.
    if (this.#size * 2 < this.#words.length) this.#becomeList();
  }

  /** Adds its slots to a bitmap that is large enough. */
  addTo(target: Uint32Array): void {
    if (this.#list) for (const slot of this.#list) target[slot >>> 5]! |= 1 << (slot & 31);
    else for (let i = 0; i < this.#words.length; i++) target[i]! |= this.#words[i]!;
  }

  /** Takes its slots from a bitmap. */
  takeFrom(target: Uint32Array): void {
    if (this.#list) for (const slot of this.#list) target[slot >>> 5]! &= ~(1 << (slot & 31));
    else for (let i = 0; i < this.#words.length; i++) target[i]! &= ~this.#words[i]!;
  }

  /** Leaves in a bitmap only what is also in it. */
  keepIn(target: Uint32Array): void {
    if (this.#list) {
      const kept = this.#list.filter((slot) => (target[slot >>> 5]! >>> (slot & 31)) & 1);
      target.fill(0);
      for (const slot of kept) target[slot >>> 5]! |= 1 << (slot & 31);
      return;
    }
    for (let i = 0; i < this.#words.length; i++) target[i]! &= this.#words[i]!;
    target.fill(0, this.#words.length);
  }

  #becomeBitmap(list: readonly number[]): void {
    this.#list = undefined;
    for (const slot of list) this.#setBit(slot);
  }

  #becomeList(): void {
    const list: number[] = [];
    eachSlot(this.#words, (slot) => list.push(slot));
    this.#list = list;
    this.#words = NO_WORDS;
  }

  #setBit(slot: number): void {
    const word = slot >>> 5;
    if (word >= this.#words.length) {
      const grown = new Uint32Array(word + 1 + (word >>> 3));
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words[word]! |= 1 << (slot & 31);
  }
}

/** Visits the bits that are set, in order. */
export function eachSlot(words: Uint32Array, visit: (slot: number) => void): void {
  for (let i = 0; i < words.length; i++) {
    for (let word = words[i]! | 0; word !== 0; word &= word - 1) visit(i * WORD + 31 - Math.clz32(word & -word));
  }
}

/** How many bits are set. */
export function countBits(words: Uint32Array): number {
  let count = 0;
  for (let word of words) {
    word -= (word >>> 1) & 0x55555555;
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
    count += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}
