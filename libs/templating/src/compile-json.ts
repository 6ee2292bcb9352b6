import { isObject } from '@flotilla/kernel';
import { AsciiTemplate } from './ascii-template.js';
import { compileText, type Tag, tagsOf } from './compile-text.js';
import { TemplateError } from './template.errors.js';
import { bindParts, mergeLiterals, type Part, type Slot, type TemplateValues, write } from './template-parts.js';

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
export interface JsonTemplate extends JsonWriter {
  /** Distinct parameter names, the order of `values`. */
  names: readonly string[];
  uses: readonly TagUse[];
  /** Leaves that take a boolean or number although the template can only hold text there. */
  typed: readonly { path: string; type: LeafType }[];
  /**
   * The template with the values of one side filled in for good, for the many sets that share them: what it writes with the open
   * ones is what the whole template writes with both.
   * @param isOpen says whether a name is still to be given, by its place in `names`
   */
  bind(values: TemplateValues, isOpen: (index: number) => boolean): BoundJsonTemplate;
}

export interface JsonWriter {
  /**
   * Canonical JSON. A tag without a value stays as written, or its fallback stands in.
   * @throws TemplateError naming the path when a typed leaf becomes something else, TemplateLimitError beyond MAX_FILLED_TEXT
   */
  render(values: TemplateValues): string;
}

/** A template with some values filled in. */
export interface BoundJsonTemplate extends JsonWriter {
  /** The same in bytes, for values that are all ASCII; where it is absent only `render` can write the template. */
  readonly ascii?: AsciiTemplate | undefined;
}

/** The JSON form of a text without its quotes. */
export function escapeJson(text: string): string {
  const json = JSON.stringify(text);
  return json.length === text.length + 2 ? text : json.slice(1, -1);
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
  return templateOf(compiler.compile(document, ''), compiler);
}

/** One text, written without its quotes. Otherwise as `compileJson`. @throws TemplateError */
export function compileJsonText(text: string, names: readonly string[]): JsonTemplate {
  const compiler = new Compiler(() => undefined, names);
  return templateOf(compiler.text(text, ''), compiler);
}

function templateOf(all: readonly Part[], { names, uses, typed }: Pick<JsonTemplate, 'names' | 'uses' | 'typed'>): JsonTemplate {
  const parts = mergeLiterals(all);
  const bind: JsonTemplate['bind'] = (values, isOpen) => {
    const rest = bindParts(parts, values, isOpen);
    return { ascii: AsciiTemplate.of(rest), render: (open) => write(rest, open) };
  };
  return { names, uses, typed, bind, render: (values) => write(parts, values) };
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
    const body = this.text(text, path);
    const type = this.#leafType(path.replace(/\[\d+\]/g, ''));
    if (!type || body.every((part) => typeof part === 'string')) return ['"', ...body, '"'];
    this.typed.push({ path, type });
    return [(values) => coerce(write(body, values), type, path)];
  }

  text(source: string, path: string): Part[] {
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
      const members = keys.map((key) => ({ key: this.text(key, below(key)), value: this.compile(object[key], below(key)) }));
      return [(values) => writeSorted(members, values)];
    }
    const members = keys.sort().map((key) => [`${JSON.stringify(key)}:`, ...this.compile(object[key], below(key))]);
    return ['{', ...members.flatMap((member, i) => (i > 0 ? [',', ...member] : member)), '}'];
  }
}

/** Keys that hold tags are known only per target, so their order is too; of two equal ones the later wins. */
function writeSorted(members: readonly { key: Part[]; value: Part[] }[], values: TemplateValues): string {
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
