import { digestBytes, messageOf } from '@flotilla/kernel';
import { AsciiTemplate, type JsonWriter, type TemplateValues } from '@flotilla/templating';
import { isEmpty, PairedSet, type ParamSet } from '../params/params.js';
import type { ApplicationTemplateCode } from './application-template.js';
import { RenderTemplateError } from './expand.errors.js';
import { renderByInner } from './inner-order.js';
import { PairTemplates } from './pair-templates.js';
import { RefusedApplication, type Rendered, RenderedApplication } from './rendered.js';
import { overlay, SlotReader, type SlotValues } from './slot-values.js';
import { describeUnresolved, strictUses, unresolvedTags } from './unresolved-tags.js';
import type { WarningList } from './warning-list.js';

/**
 * Renders every parameter set with one compiled template.
 * @throws RenderTemplateError when a name cannot be known: nobody could tell then which application is gone
 */
export function renderSets(sets: readonly ParamSet[], code: ApplicationTemplateCode, warnings: WarningList): Rendered[] {
  const renderer = new Renderer(code, warnings);
  const rendered = renderByInner(sets, (set) => renderer.render(set));
  renderer.warnOfUnknownTags();
  return rendered;
}

/** Characters that all applications of a set may have together, and how many more each brings along; ordinary ones have some thousand. */
const MAX_TEXT = 256 * 1024 * 1024;
const TEXT_PER_SET = 16 * 1024;

class Renderer {
  readonly #code: ApplicationTemplateCode;
  readonly #reader: SlotReader;
  readonly #pairs: PairTemplates;
  readonly #strict: ReturnType<typeof strictUses>;
  readonly #free: { index: number; text: string; path: string }[];
  readonly #unknown = new Map<number, number>();
  readonly #warnings: WarningList;
  #textLeft = MAX_TEXT;

  constructor(code: ApplicationTemplateCode, warnings: WarningList) {
    const { document } = code;
    this.#code = code;
    this.#warnings = warnings;
    this.#reader = new SlotReader(document);
    this.#pairs = new PairTemplates(code);
    this.#strict = strictUses(document);
    const strict = new Set(this.#strict.map(({ use }) => use));
    this.#free = document.uses
      .filter((use) => !strict.has(use) && use.tag.fallback === undefined)
      .map(({ tag, path }) => ({ index: document.names.indexOf(tag.name), text: `{{${tag.raw}}}`, path }));
  }

  render(set: ParamSet): Rendered {
    if (!(set instanceof PairedSet)) return this.#renderValues(set, this.#reader.read(set), isEmpty(set));
    const left = this.#reader.left(set);
    const right = this.#reader.right(set);
    const bound = left.tagged || right.tagged ? undefined : this.#pairs.of(left, right);
    if (!bound?.template.isComplete) return this.#renderValues(set, overlay(left, right), left.isEmpty && right.isEmpty);
    const { template, open } = bound;
    const name = readText(template.name.render(open.texts));
    return this.#digest(set, name, open.isAscii && template.document.ascii ? template.document.ascii : template.document, open.texts);
  }

  #renderValues(set: ParamSet, values: SlotValues, isBare: boolean): Rendered {
    const unresolved = unresolvedTags(this.#strict, values);
    if (unresolved.some(({ use }) => use.path === 'metadata.name')) {
      throw new RenderTemplateError(describeUnresolved(unresolved, set), {
        tags: unresolved.map(({ text }) => text),
        field: 'spec.template.metadata.name',
        origins: set.origins,
      });
    }
    const name = readText(this.#code.name.render(values.texts));
    if (unresolved.length > 0)
      return new RefusedApplication(name, set, 'unresolved', describeUnresolved(unresolved, set), unresolved[0]!.use.path);
    if (!isBare) this.#countUnknownTags(values);
    return this.#digest(set, name, isBare ? this.#code.bare : this.#code.document, values.texts);
  }

  #digest(set: ParamSet, name: string, template: JsonWriter | AsciiTemplate, values: TemplateValues): Rendered {
    try {
      const document = template instanceof AsciiTemplate ? template.write(values) : template.render(values);
      this.#spend(document.length);
      return new RenderedApplication(name, digestBytes(document), set, this);
    } catch (error) {
      if (error instanceof RenderTemplateError) throw error;
      return new RefusedApplication(name, set, 'invalid-value', messageOf(error));
    }
  }

  write(set: ParamSet): string {
    return (isEmpty(set) ? this.#code.bare : this.#code.document).render(this.#reader.read(set).texts);
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

function readText(escaped: string): string {
  return escaped.includes('\\') ? (JSON.parse(`"${escaped}"`) as string) : escaped;
}
