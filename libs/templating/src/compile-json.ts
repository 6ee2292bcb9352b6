import { isObject } from '@flotilla/kernel';
import { compileText, type Tag, tagsOf } from './compile-text.js';
import { TemplateError, TemplateLimitError } from './template.errors.js';
import { MAX_FILLED_TEXT } from './text-budget.js';

/** What a templated leaf must become after substitution; Argo CD's schema wants real booleans and numbers there. */
export type LeafType = 'boolean' | 'number';

/** One place where a template refers to a parameter. */
export interface TagUse {
  tag: Tag;
  /** Dotted path of the field, `spec.source.path`, `spec.sources[1].helm.values`. */
  path: string;
}

/**
 * A JSON document with tags, cut once and written per parameter set straight to canonical JSON text: building and
 * sorting objects for every target is what makes large expansions slow.
 */
export interface JsonTemplate {
  /** Distinct parameter names, the order of `values`. */
  names: readonly string[];
  uses: readonly TagUse[];
  /** Leaves that take a boolean or number although the template can only hold text there. */
  typed: readonly { path: string; type: LeafType }[];
  /**
   * Canonical JSON. `values[i]` is the text for `names[i]` as `escapeJson` gives it, `undefined` when the set lacks it: the
   * tag then stays as written, or its fallback stands in.
   * @throws TemplateError naming the path when a typed leaf becomes something else, TemplateLimitError beyond MAX_FILLED_TEXT
   */
  render(values: readonly (string | undefined)[]): string;
}

export type Part = string | Slot | ((values: readonly (string | undefined)[]) => string);
export interface Slot {
  index: number;
  literal: string;
  fallback?: string;
}

/** The JSON form of a text without its quotes. */
export function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/**
 * @param leafType says which leaves are not text, by their path without indexes (`spec.syncPolicy.automated.prune`).
 * @param names parameter names that come first, so that several templates can share one list of values.
 * @throws TemplateError for a text that cannot be read
 */
export function compileJson(
  document: unknown,
  leafType: (path: string) => LeafType | undefined = () => undefined,
  names: readonly string[] = [],
): JsonTemplate {
  const compiler = new Compiler(leafType, names);
  const parts = mergeLiterals(compiler.compile(document, ''));
  return { names: compiler.names, uses: compiler.uses, typed: compiler.typed, render: (values) => write(parts, values) };
}

export function write(parts: readonly Part[], values: readonly (string | undefined)[]): string {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    else if (typeof part === 'function') text += part(values);
    else text += writeSlot(part, values);
    if (text.length > MAX_FILLED_TEXT) throw new TemplateLimitError(`the template makes more than ${MAX_FILLED_TEXT} characters of text`);
  }
  return text;
}

function writeSlot(slot: Slot, values: readonly (string | undefined)[]): string {
  const value = values[slot.index];
  if (slot.fallback !== undefined) return value === undefined || value === '' ? slot.fallback : value;
  return value ?? slot.literal;
}

/** Two neighbouring literals cost two concatenations per target, so they are joined once. */
export function mergeLiterals(parts: readonly Part[]): Part[] {
  const merged: Part[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (typeof part === 'string' && typeof last === 'string') merged[merged.length - 1] = last + part;
    else merged.push(part);
  }
  return merged;
}

class Compiler {
  readonly names: string[];
  readonly uses: TagUse[] = [];
  readonly typed: { path: string; type: LeafType }[] = [];
  readonly #leafType: (path: string) => LeafType | undefined;

  constructor(leafType: (path: string) => LeafType | undefined, names: readonly string[]) {
    this.names = [...names];
    this.#leafType = leafType;
  }

  compile(value: unknown, path: string): Part[] {
    if (typeof value === 'string') return this.#leaf(value, path);
    if (Array.isArray(value)) {
      return ['[', ...value.flatMap((item, i) => [...(i > 0 ? [','] : []), ...this.compile(item ?? null, `${path}[${i}]`)]), ']'];
    }
    if (isObject(value)) return this.#object(value, path);
    return [JSON.stringify(value ?? null)];
  }

  #leaf(text: string, path: string): Part[] {
    const body = this.#text(text, path);
    const type = this.#leafType(path.replace(/\[\d+\]/g, ''));
    if (!type || body.every((part) => typeof part === 'string')) return ['"', ...body, '"'];
    this.typed.push({ path, type });
    return [(values) => coerce(write(body, values), type, path)];
  }

  #text(source: string, path: string): Part[] {
    return compileText(source).parts.map((part): Part => {
      if (typeof part === 'string') return escapeJson(part);
      this.uses.push({ tag: part, path });
      const literal = escapeJson(`{{${part.raw}}}`);
      if (part.name === '') return literal;
      const slot: Slot = { index: this.#indexOf(part.name), literal };
      return part.fallback === undefined ? slot : { ...slot, fallback: escapeJson(part.fallback) };
    });
  }

  #indexOf(name: string): number {
    const known = this.names.indexOf(name);
    return known >= 0 ? known : this.names.push(name) - 1;
  }

  #object(object: Record<string, unknown>, path: string): Part[] {
    const keys = Object.keys(object).filter((key) => object[key] !== undefined);
    const below = (key: string) => (path === '' ? key : `${path}.${key}`);
    if (keys.some((key) => tagsOf(compileText(key)).length > 0)) {
      const members = keys.map((key) => ({ key: this.#text(key, below(key)), value: this.compile(object[key], below(key)) }));
      return [(values) => writeSorted(members, values)];
    }
    const members = keys.sort().map((key) => [`${JSON.stringify(key)}:`, ...this.compile(object[key], below(key))]);
    return ['{', ...members.flatMap((member, i) => (i > 0 ? [',', ...member] : member)), '}'];
  }
}

/** Keys that hold tags are known only per target, so their order is too; of two equal ones the later wins. */
function writeSorted(members: readonly { key: Part[]; value: Part[] }[], values: readonly (string | undefined)[]): string {
  const written = new Map(members.map(({ key, value }) => [JSON.parse(`"${write(key, values)}"`) as string, write(value, values)]));
  const sorted = [...written.keys()].sort().map((key) => `${JSON.stringify(key)}:${written.get(key)}`);
  return `{${sorted.join(',')}}`;
}

function coerce(escaped: string, type: LeafType, path: string): string {
  return readTyped(JSON.parse(`"${escaped}"`) as string, type, path);
}

/** The JSON of a leaf that takes a boolean or number. @throws TemplateError naming the path */
export function readTyped(given: string, type: LeafType, path: string): string {
  const text = given.trim();
  if (type === 'boolean' && /^(true|false)$/i.test(text)) return text.toLowerCase();
  if (type === 'number' && /^-?(0|[1-9]\d{0,15})(\.\d+)?$/.test(text)) return String(Number(text));
  throw new TemplateError(`${path} must be a ${type}, and its template gave ${JSON.stringify(text)}`, { path });
}
