import type { ApplicationTemplateCode } from './application-template.js';
import type { HalfTemplate, SlotHalf } from './slot-values.js';

/** Pairs that a half is seen in before it is worth a template of its own. */
const MIN_USES = 32;

/**
 * Fills a half that many pairs share into the template once, so that a pair writes only what its other half brings. A text of the
 * left half goes before one of the right, so what stays open depends on the names that the other half knows.
 */
export class PairTemplates {
  readonly #code: Pick<ApplicationTemplateCode, 'document' | 'name'>;

  constructor(code: Pick<ApplicationTemplateCode, 'document' | 'name'>) {
    this.#code = code;
  }

  /** The template to be given the texts of the half `open`; undefined while neither half is one that many pairs share. */
  of(left: SlotHalf, right: SlotHalf): { template: HalfTemplate; open: SlotHalf } | undefined {
    if (right.uses++ >= MIN_USES) {
      right.templates ??= [];
      right.templates[left.shape] ??= this.#bind(right, left, (i) => left.texts[i] !== undefined);
      return { template: right.templates[left.shape]!, open: left };
    }
    if (left.uses++ < MIN_USES) return undefined;
    left.templates ??= [];
    left.templates[right.shape] ??= this.#bind(left, right, (i) => left.texts[i] === undefined && right.texts[i] !== undefined);
    return { template: left.templates[right.shape]!, open: right };
  }

  #bind({ texts }: SlotHalf, other: SlotHalf, isOpen: (index: number) => boolean): HalfTemplate {
    const { document, name } = this.#code;
    const isComplete = texts.every((text, i) => text !== undefined || other.texts[i] !== undefined);
    return { document: document.bind(texts, isOpen), name: name.bind(texts, isOpen), isComplete };
  }
}
