import { isObject } from '@flotilla/kernel';
import { compileGoTemplate, type GoTemplate, type GoTemplateOptions } from './compile-go-template.js';
import { type LeafType, readTyped, type TagUse } from './compile-json.js';
import { Budget, type TemplateLimits } from './execute/budget.js';
import { findFields } from './syntax/find-fields.js';
import { mergeLiterals } from './template-parts.js';
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
  /** Whether some text may change the data it is rendered with. */
  mayChangeData: boolean;
  /**
   * Canonical JSON. Keys are written in sorted order, so `metadata` comes before `spec`: what `set` does to the data, a
   * later field of the same document sees. The data itself is copied unless it is of this library's own values.
   *
   * @param report is told the text of each watched leaf, before it is JSON
   * @throws TemplateFailedError, TemplateLimitError naming the path; TemplateError when a typed leaf becomes something else
   */
  render(data: unknown, limits?: TemplateLimits | Budget, report?: LeafReport): string;
}

/** Leaves that somebody looks at: their path with indexes, `spec.sources[0].path`. */
export type LeafReport = (path: string, text: string) => void;

/** How a document is read, beside its options. */
export interface GoJsonReading extends Omit<GoTemplateOptions, 'name'> {
  /** Which leaves are not text, by their path without indexes (`spec.syncPolicy.automated.prune`). */
  leafType?: (path: string) => LeafType | undefined;
  /** Which leaves are reported, by their path with indexes. */
  isWatched?: (path: string) => boolean;
}

/** A part of the document: as it stands, or written from the data. */
type Part = string | ((run: Run) => string);
interface Run {
  data: GoValue;
  budget: Budget;
  report: LeafReport | undefined;
}
/** A text of the document: what it gives, constant where it holds no action. */
interface Text {
  constant?: string;
  execute(run: Run): string;
}

/** @throws TemplateError for a text that cannot be read; its template is named by its path */
export function compileGoJson(document: unknown, reading: GoJsonReading = {}): GoJsonTemplate {
  const compiler = new Compiler(reading);
  const parts = mergeLiterals(compiler.compile(document, ''));
  return {
    names: [...new Set(compiler.uses.map(({ tag }) => tag.name))],
    uses: compiler.uses,
    typed: compiler.typed,
    hasTags: compiler.hasTags,
    mayChangeData: compiler.mayChangeData,
    render: (data, limits, report) =>
      write(parts, { data: toGoValue(data), budget: limits instanceof Budget ? limits : new Budget(limits), report }),
  };
}

function write(parts: readonly Part[], run: Run): string {
  let text = '';
  for (const part of parts) text += typeof part === 'string' ? part : part(run);
  return text;
}

class Compiler {
  readonly uses: TagUse[] = [];
  readonly typed: { path: string; type: LeafType }[] = [];
  hasTags = false;
  mayChangeData = false;
  readonly #reading: GoJsonReading;

  constructor(reading: GoJsonReading) {
    this.#reading = reading;
  }

  compile(value: unknown, path: string): Part[] {
    if (typeof value === 'string') return [this.#leaf(value, path)];
    if (Array.isArray(value)) return ['[', ...commaed(value.map((item, i) => this.compile(item ?? null, `${path}[${i}]`))), ']'];
    if (isObject(value)) return this.#object(value, path);
    return [JSON.stringify(value ?? null)];
  }

  #leaf(source: string, path: string): Part {
    const { constant, execute } = this.#text(source, path);
    const isWatched = this.#reading.isWatched?.(path) ?? false;
    const type = constant === undefined ? this.#reading.leafType?.(path.replace(/\[\d+\]/g, '')) : undefined;
    if (type) this.typed.push({ path, type });
    const json = (text: string): string => (type ? readTyped(text, type, path) : JSON.stringify(text));
    if (constant !== undefined && !isWatched) return json(constant);
    if (!isWatched) return (run) => json(execute(run));
    return (run) => {
      const text = execute(run);
      run.report?.(path, text);
      return json(text);
    };
  }

  #text(source: string, path: string): Text {
    if (!source.includes('{{')) return { constant: source, execute: () => source };
    const template = compileGoTemplate(source, { ...this.#reading, name: path });
    this.hasTags = true;
    this.mayChangeData ||= template.mayChangeData;
    this.#noteUses(template, path);
    return { execute: ({ data, budget }) => template.execute(data, budget) };
  }

  #noteUses(template: GoTemplate, path: string): void {
    for (const names of findFields(template.templates.get(template.name)!)) {
      this.uses.push({ tag: { raw: `.${names.join('.')}`, name: names.join('.') }, path });
    }
  }

  #object(object: Record<string, unknown>, path: string): Part[] {
    const keys = Object.keys(object).filter((key) => object[key] !== undefined);
    const members = keys.sort().map((key) => {
      const below = path === '' ? key : `${path}.${key}`;
      return { key: this.#text(key, below), value: mergeLiterals(this.compile(object[key], below)) };
    });
    if (members.some(({ key }) => key.constant === undefined)) return [(run) => writeSorted(members, run)];
    return ['{', ...commaed(members.map(({ key, value }) => [`${JSON.stringify(key.constant)}:`, ...value])), '}'];
  }
}

const commaed = (members: readonly Part[][]): Part[] => members.flatMap((member, i) => (i > 0 ? [',', ...member] : member));

/** Rendered keys are known only per parameter set, so their order is too; of two equal ones the later wins. */
function writeSorted(members: readonly { key: Text; value: readonly Part[] }[], run: Run): string {
  const written = new Map(members.map(({ key, value }) => [key.execute(run), write(value, run)]));
  const sorted = [...written.keys()].sort().map((key) => `${JSON.stringify(key)}:${written.get(key)}`);
  return `{${sorted.join(',')}}`;
}
