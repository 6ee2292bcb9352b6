import { escapeJson, type JsonTemplate } from '@flotilla/templating';
import { lookup, PairedSet, type ParamSet } from '../params/params.js';

/** Escaped texts of one template's parameters, in the order of its names. */
export interface SlotValues {
  readonly texts: readonly (string | undefined)[];
  /** Whether some text holds a `{{` of its own. */
  readonly tagged: boolean;
}

/**
 * Reads parameter sets for one template. A half that thousands of pairs share (a cluster, a list element) is looked up and
 * escaped once; per pair the halves are only laid over each other.
 */
export class SlotReader {
  readonly #names: readonly string[];
  readonly #halves = new WeakMap<ParamSet, SlotValues>();

  constructor(template: JsonTemplate) {
    this.#names = template.names;
  }

  read(set: ParamSet): SlotValues {
    if (!(set instanceof PairedSet)) return this.#readWhole(set);
    return overlay(this.#readHalf(set.left), this.#readHalf(set.right));
  }

  #readHalf(set: ParamSet): SlotValues {
    let values = this.#halves.get(set);
    if (!values) {
      values = this.read(set);
      this.#halves.set(set, values);
    }
    return values;
  }

  #readWhole(set: ParamSet): SlotValues {
    const texts = this.#names.map((name) => {
      const value = lookup(set, name);
      return typeof value === 'string' ? escapeJson(value) : undefined;
    });
    return { texts, tagged: texts.some((text) => text?.includes('{{')) };
  }
}

function overlay(left: SlotValues, right: SlotValues): SlotValues {
  const texts = left.texts.slice();
  for (let i = 0; i < texts.length; i++) if (texts[i] === undefined) texts[i] = right.texts[i];
  return { texts, tagged: left.tagged || right.tagged };
}
