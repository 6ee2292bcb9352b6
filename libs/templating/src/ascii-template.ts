import { checkLength, type Part, type Slot, slotText, type TemplateValues } from './template-parts.js';

/** A text of this length is copied as fast by a call as by a loop. */
const MANY_CHARACTERS = 48;

/**
 * Writes literals and slots as bytes, over and over into the same memory. Texts of neighbouring sets mostly have the same lengths
 * (`cluster-0001`, `cluster-0002`): then the literals stand already, and only the slots are written.
 */
export class AsciiTemplate {
  readonly #parts: readonly (string | Slot)[];
  readonly #slots: readonly Slot[];
  /** Of each slot, in the memory as it is laid out. */
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];
  #memory = Buffer.alloc(0);
  #document: Uint8Array | undefined;

  private constructor(parts: readonly (string | Slot)[]) {
    this.#parts = parts;
    this.#slots = parts.filter((part) => typeof part !== 'string');
  }

  /** Undefined for parts that need more than ASCII, or that are worked out. */
  static of(parts: readonly Part[]): AsciiTemplate | undefined {
    const plain = parts.filter((part) => typeof part !== 'function');
    const isPlain = plain.every((part) => isAscii(typeof part === 'string' ? part : `${part.literal}${part.fallback ?? ''}`));
    return isPlain && plain.length === parts.length ? new AsciiTemplate(plain) : undefined;
  }

  /**
   * The document in memory that the next call overwrites.
   * @param values ASCII only
   * @throws TemplateLimitError
   */
  write(values: TemplateValues): Uint8Array {
    const document = this.#document && this.#fits(values) ? this.#document : this.#layOut(values);
    for (let i = 0; i < this.#slots.length; i++) copyText(slotText(this.#slots[i]!, values), this.#memory, this.#starts[i]!);
    return document;
  }

  #fits(values: TemplateValues): boolean {
    for (let i = 0; i < this.#slots.length; i++) if (slotText(this.#slots[i]!, values).length !== this.#lengths[i]) return false;
    return true;
  }

  #layOut(values: TemplateValues): Uint8Array {
    // One that is too long leaves no document behind that a later one might be taken to fit.
    this.#document = undefined;
    let end = 0;
    let slot = 0;
    for (const part of this.#parts) {
      const { length } = typeof part === 'string' ? part : slotText(part, values);
      if (typeof part !== 'string') {
        this.#starts[slot] = end;
        this.#lengths[slot++] = length;
      }
      end += length;
      checkLength(end);
    }
    if (end > this.#memory.length) this.#memory = Buffer.alloc(end + MANY_CHARACTERS);
    this.#writeLiterals();
    this.#document = this.#memory.subarray(0, end);
    return this.#document;
  }

  #writeLiterals(): void {
    let at = 0;
    let slot = 0;
    for (const part of this.#parts) {
      if (typeof part === 'string') this.#memory.write(part, at, 'latin1');
      at += typeof part === 'string' ? part.length : this.#lengths[slot++]!;
    }
  }
}

export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

function copyText(text: string, memory: Buffer, at: number): void {
  if (text.length >= MANY_CHARACTERS) memory.write(text, at, 'latin1');
  else for (let i = 0; i < text.length; i++) memory[at + i] = text.charCodeAt(i);
}
