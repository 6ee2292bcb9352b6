import { isObject } from '@flotilla/kernel';
import { compileGoTemplate, type GoTemplate, type GoTemplateOptions } from './compile-go-template.js';
import { type LeafType, readTyped, type TagUse } from './compile-json.js';
import { Budget, type TemplateLimits } from './execute/budget.js';
import { findFields } from './syntax/find-fields.js';
import { toGoValue } from './values/from-json.js';
import type { GoValue } from './values/go-value.js';

/** A JSON document whose texts, map keys too, are Go templates: read once, written per parameter set straight to canonical JSON. */
export interface GoJsonTemplate {
  /** Distinct parameters the texts name, dotted: `metadata.labels.env`. */
  names: readonly string[];
  uses: readonly TagUse[];
  /** Leaves that take a boolean or number although a template can only give text there. */
  typed: readonly { path: string; type: LeafType }[];
  /** Whether any text holds an action; without one every parameter set gives the same document. */
  hasTags: boolean;
  /**
   * Canonical JSON. Keys are written in sorted order, so `metadata` comes before `spec`: what `set` does to the data, a
   * later field of the same document sees. The data itself is copied unless it is of this library's own values.
   *
   * @throws TemplateFailedError, TemplateLimitError naming the path; TemplateError when a typed leaf becomes something else
   */
  render(data: unknown, limits?: TemplateLimits): string;
}

/** Writes a part of the document. */
type Writer = (data: GoValue, budget: Budget) => string;
/** A text of the document: what it gives, constant where it holds no action. */
interface Text {
  constant?: string;
  execute: Writer;
}

/**
 * @param leafType says which leaves are not text, by their path without indexes (`spec.syncPolicy.automated.prune`).
 * @throws TemplateError for a text that cannot be read; its template is named by its path
 */
export function compileGoJson(
  document: unknown,
  options: Omit<GoTemplateOptions, 'name'> = {},
  leafType: (path: string) => LeafType | undefined = () => undefined,
): GoJsonTemplate {
  const compiler = new Compiler(options, leafType);
  const write = compiler.compile(document, '');
  return {
    names: [...new Set(compiler.uses.map(({ tag }) => tag.name))],
    uses: compiler.uses,
    typed: compiler.typed,
    hasTags: compiler.hasTags,
    render: (data, limits) => write(toGoValue(data), new Budget(limits)),
  };
}

class Compiler {
  readonly uses: TagUse[] = [];
  readonly typed: { path: string; type: LeafType }[] = [];
  hasTags = false;
  readonly #options: GoTemplateOptions;
  readonly #leafType: (path: string) => LeafType | undefined;

  constructor(options: GoTemplateOptions, leafType: (path: string) => LeafType | undefined) {
    this.#options = options;
    this.#leafType = leafType;
  }

  compile(value: unknown, path: string): Writer {
    if (typeof value === 'string') return this.#leaf(value, path);
    if (Array.isArray(value)) {
      const items = value.map((item, i) => this.compile(item ?? null, `${path}[${i}]`));
      return (data, budget) => `[${items.map((write) => write(data, budget)).join(',')}]`;
    }
    if (isObject(value)) return this.#object(value, path);
    const text = JSON.stringify(value ?? null);
    return () => text;
  }

  #leaf(source: string, path: string): Writer {
    const { constant, execute } = this.#text(source, path);
    if (constant !== undefined) {
      const json = JSON.stringify(constant);
      return () => json;
    }
    const type = this.#leafType(path.replace(/\[\d+\]/g, ''));
    if (!type) return (data, budget) => JSON.stringify(execute(data, budget));
    this.typed.push({ path, type });
    return (data, budget) => readTyped(execute(data, budget), type, path);
  }

  #text(source: string, path: string): Text {
    if (!source.includes('{{')) return { constant: source, execute: () => source };
    const template = compileGoTemplate(source, { ...this.#options, name: path });
    this.hasTags = true;
    this.#noteUses(template, path);
    return { execute: (data, budget) => template.execute(data, budget) };
  }

  #noteUses(template: GoTemplate, path: string): void {
    for (const names of findFields(template.templates.get(template.name)!)) {
      this.uses.push({ tag: { raw: `.${names.join('.')}`, name: names.join('.') }, path });
    }
  }

  #object(object: Record<string, unknown>, path: string): Writer {
    const keys = Object.keys(object).filter((key) => object[key] !== undefined);
    const members = keys.sort().map((key) => {
      const below = path === '' ? key : `${path}.${key}`;
      return { key: this.#text(key, below), write: this.compile(object[key], below) };
    });
    if (members.some(({ key }) => key.constant === undefined)) return (data, budget) => writeSorted(members, data, budget);
    const prefixed = members.map(({ key, write }) => ({ prefix: `${JSON.stringify(key.constant)}:`, write }));
    return (data, budget) => `{${prefixed.map(({ prefix, write }) => prefix + write(data, budget)).join(',')}}`;
  }
}

/** Rendered keys are known only per parameter set, so their order is too; of two equal ones the later wins. */
function writeSorted(members: readonly { key: Text; write: Writer }[], data: GoValue, budget: Budget): string {
  const written = new Map(members.map(({ key, write }) => [key.execute(data, budget), write(data, budget)]));
  const sorted = [...written.keys()].sort().map((key) => `${JSON.stringify(key)}:${written.get(key)}`);
  return `{${sorted.join(',')}}`;
}
