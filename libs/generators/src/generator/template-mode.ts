import { compileFiller } from '@flotilla/templating';
import { lookup, type ParamSet } from '../params/params.js';

/** A value whose texts and keys may refer to parameters, compiled once. */
export interface Filler {
  /** Without a tag `fill` gives the value itself, whatever the parameters. */
  hasTags: boolean;
  /** @throws TemplateError */
  fill(set: ParamSet): unknown;
}

/**
 * How the templates of a set read parameters: as flat texts (Argo CD's default, fasttemplate) or as structured values
 * (`goTemplate: true`). Generators give their parameters in the form the mode reads.
 */
export interface TemplateMode {
  readonly isGo: boolean;
  /** @throws TemplateError for a text that cannot be read */
  filler(value: unknown): Filler;
}

export const plainMode: TemplateMode = {
  isGo: false,
  filler: (value) => {
    const { hasTags, fill } = compileFiller(value);
    return { hasTags, fill: (set) => fill((name) => lookup(set, name)) };
  },
};
