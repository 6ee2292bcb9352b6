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

class Renderer {
  readonly #document: JsonTemplate;
  readonly #name: JsonTemplate;
  readonly #reader: SlotReader;
  readonly #strict: ReturnType<typeof strictUses>;
  readonly #free: { index: number; text: string; path: string }[];
  readonly #unknown = new Map<number, number>();
  readonly #warnings: WarningList;

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
        origins: set.origins,
      });
    }
    const name = readText(this.#name.render(values.texts));
    if (unresolved.length > 0) return new RefusedApplication(name, set, 'unresolved', describeUnresolved(unresolved, set));
    this.#countUnknownTags(values);
    try {
      const digest = digestBytes(this.#document.render(values.texts));
      return new RenderedApplication(name, digest, set, this);
    } catch (error) {
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

  #countUnknownTags(values: SlotValues): void {
    for (let i = 0; i < this.#free.length; i++) {
      if (values.texts[this.#free[i]!.index] === undefined) this.#unknown.set(i, (this.#unknown.get(i) ?? 0) + 1);
    }
  }
}

function readText(json: string): string {
  return json.includes('\\') ? (JSON.parse(json) as string) : json.slice(1, -1);
}
