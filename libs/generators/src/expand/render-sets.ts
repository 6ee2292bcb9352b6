import { digestBytes, messageOf } from '@flotilla/kernel';
import type { JsonTemplate } from '@flotilla/templating';
import { isEmpty, type ParamSet } from '../params/params.js';
import type { ApplicationTemplateCode } from './application-template.js';
import { RenderTemplateError } from './expand.errors.js';
import { RefusedApplication, type Rendered, RenderedApplication } from './rendered.js';
import { SlotReader, type SlotValues } from './slot-values.js';
import { describeUnresolved, strictUses, unresolvedTags } from './unresolved-tags.js';
import type { WarningList } from './warning-list.js';

/**
 * Renders every parameter set with one compiled template.
 * @throws RenderTemplateError when a name cannot be known: nobody could tell then which application is gone
 */
export function renderSets(sets: readonly ParamSet[], code: ApplicationTemplateCode, warnings: WarningList): Rendered[] {
  const renderers = { full: new Renderer(code.document, code.name, warnings), bare: new Renderer(code.bare, code.name, warnings) };
  const rendered = sets.map((set) => (isEmpty(set) ? renderers.bare : renderers.full).render(set));
  renderers.full.warnOfUnknownTags();
  return rendered;
}

/** Characters that all applications of a set may have together, and how many more each brings along; ordinary ones have some thousand. */
const MAX_TEXT = 256 * 1024 * 1024;
const TEXT_PER_SET = 16 * 1024;

class Renderer {
  readonly #document: JsonTemplate;
  readonly #name: JsonTemplate;
  readonly #reader: SlotReader;
  readonly #strict: ReturnType<typeof strictUses>;
  readonly #free: { index: number; text: string; path: string }[];
  readonly #unknown = new Map<number, number>();
  readonly #warnings: WarningList;
  #textLeft = MAX_TEXT;

  constructor(document: JsonTemplate, name: JsonTemplate, warnings: WarningList) {
    this.#document = document;
    this.#name = name;
    this.#warnings = warnings;
    this.#reader = new SlotReader(document);
    this.#strict = strictUses(document);
    const strict = new Set(this.#strict.map(({ use }) => use));
    this.#free = document.uses
      .filter((use) => !strict.has(use) && use.tag.fallback === undefined)
      .map(({ tag, path }) => ({ index: document.names.indexOf(tag.name), text: `{{${tag.raw}}}`, path }));
  }

  render(set: ParamSet): Rendered {
    const values = this.#reader.read(set);
    const unresolved = unresolvedTags(this.#strict, values);
    if (unresolved.some(({ use }) => use.path === 'metadata.name')) {
      throw new RenderTemplateError(describeUnresolved(unresolved, set), {
        tags: unresolved.map(({ text }) => text),
        field: 'spec.template.metadata.name',
        origins: set.origins,
      });
    }
    const name = readText(this.#name.render(values.texts));
    if (unresolved.length > 0)
      return new RefusedApplication(name, set, 'unresolved', describeUnresolved(unresolved, set), unresolved[0]!.use.path);
    this.#countUnknownTags(values);
    try {
      const text = this.#document.render(values.texts);
      this.#spend(text.length);
      const digest = digestBytes(text);
      return new RenderedApplication(name, digest, set, this);
    } catch (error) {
      if (error instanceof RenderTemplateError) throw error;
      return new RefusedApplication(name, set, 'invalid-value', messageOf(error));
    }
  }

  write(set: ParamSet): string {
    return this.#document.render(this.#reader.read(set).texts);
  }

  warnOfUnknownTags(): void {
    for (const [i, count] of this.#unknown) {
      const { text, path } = this.#free[i]!;
      this.#warnings.add(
        `${text} in ${path} names no parameter of ${count} ${count === 1 ? 'application' : 'applications'} and stays as written`,
      );
    }
  }

  #spend(length: number): void {
    this.#textLeft += TEXT_PER_SET - length;
    if (this.#textLeft < 0) {
      throw new RenderTemplateError(
        `spec.template makes more than ${MAX_TEXT} characters of text, and ${TEXT_PER_SET} for each application; parameters are too long`,
      );
    }
  }

  #countUnknownTags(values: SlotValues): void {
    for (let i = 0; i < this.#free.length; i++) {
      if (values.texts[this.#free[i]!.index] === undefined) this.#unknown.set(i, (this.#unknown.get(i) ?? 0) + 1);
    }
  }
}

function readText(json: string): string {
  return json.includes('\\') ? (JSON.parse(json) as string) : json.slice(1, -1);
}
