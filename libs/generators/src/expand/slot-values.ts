import { type BoundJsonTemplate, escapeJson, isAscii, type JsonTemplate, type JsonWriter, type TemplateValues } from '@flotilla/templating';
import { isEmpty, lookup, PairedSet, type ParamSet } from '../params/params.js';

/** Escaped texts of one template's parameters, in the order of its names. */
export interface SlotValues {
  readonly texts: TemplateValues;
  /** Whether some text holds a `{{` of its own. */
  readonly tagged: boolean;
}

/** A template with one half of a pair filled in. */
export interface HalfTemplate {
  readonly document: BoundJsonTemplate;
  readonly name: JsonWriter;
  /** Whether the two halves have a text for every name. */
  readonly isComplete: boolean;
}

/** Half of a pair, looked up and escaped once for all pairs that have it. */
export interface SlotHalf extends SlotValues {
  readonly isEmpty: boolean;
  /** Whether all texts are ASCII. */
  readonly isAscii: boolean;
  /** Equal for halves that know the same names. */
  readonly shape: number;
  /** In how many pairs it was seen. */
  uses: number;
  /** Templates it is filled into, by the shape of the other half. */
  templates?: HalfTemplate[];
}

/**
 * Reads parameter sets for one template. A half that thousands of pairs share (a cluster, a list element) is read once; per pair the
 * halves are only laid over each other.
 */
export class SlotReader {
  readonly #names: readonly string[];
  readonly #lefts = new WeakMap<ParamSet, SlotHalf>();
  readonly #rights = new WeakMap<ParamSet, SlotHalf>();
  readonly #shapes = new Map<string, number>();
  /** Many pairs come in runs of one right half. */
  #last: { set: ParamSet; half: SlotHalf } | undefined;

  constructor(template: JsonTemplate) {
    this.#names = template.names;
  }

  read(set: ParamSet): SlotValues {
    if (!(set instanceof PairedSet)) return this.#readWhole(set);
    return overlay(this.left(set), this.right(set));
  }

  left({ left }: PairedSet): SlotHalf {
    return this.#half(left, this.#lefts);
  }

  right({ right }: PairedSet): SlotHalf {
    if (this.#last?.set !== right) this.#last = { set: right, half: this.#half(right, this.#rights) };
    return this.#last.half;
  }

  #half(set: ParamSet, known: WeakMap<ParamSet, SlotHalf>): SlotHalf {
    let half = known.get(set);
    if (!half) {
      const { texts, tagged } = this.read(set);
      half = {
        texts,
        tagged,
        isEmpty: isEmpty(set),
        isAscii: texts.every((text) => isAscii(text ?? '')),
        shape: this.#shapeOf(texts),
        uses: 0,
      };
      known.set(set, half);
    }
    return half;
  }

  #shapeOf(texts: TemplateValues): number {
    let key = '';
    for (const text of texts) key += text === undefined ? '-' : '+';
    const shape = this.#shapes.get(key) ?? this.#shapes.size;
    this.#shapes.set(key, shape);
    return shape;
  }

  #readWhole(set: ParamSet): SlotValues {
    const texts = this.#names.map((name) => {
      const value = lookup(set, name);
      return typeof value === 'string' ? escapeJson(value) : undefined;
    });
    return { texts, tagged: texts.some((text) => text?.includes('{{')) };
  }
}

/** What the left half knows goes before what the right one knows. */
export function overlay(left: SlotValues, right: SlotValues): SlotValues {
  const texts = left.texts.slice();
  for (let i = 0; i < texts.length; i++) if (texts[i] === undefined) texts[i] = right.texts[i];
  return { texts, tagged: left.tagged || right.tagged };
}
