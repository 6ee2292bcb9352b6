import { TemplateError } from './template.errors.js';
import { TextBudget } from './text-budget.js';

/** One `{{…}}` of a text. */
export interface Tag {
  /** What stands between the braces, spaces kept: an unknown tag is written back with it. */
  raw: string;
  /** The parameter it names; `''` for `{{}}`, which never resolves. */
  name: string;
  /** The literal of `name | default "literal"`, which Argo CD itself evaluates only with goTemplate. */
  fallback?: string;
}

/** A text cut into literals and tags, in order. */
export interface CompiledText {
  source: string;
  parts: readonly (string | Tag)[];
}

/** Longest text of one field; a template beyond it is refused. */
export const MAX_TEMPLATE_TEXT = 1024 * 1024;

const DEFAULTED = /^([^\s|]+)\s*\|\s*default\s+(?:"((?:[^"\\]|\\.)*)"|'([^']*)')$/;

/**
 * Cuts a text at its tags by the rules of Argo CD's plain templates (valyala/fasttemplate): a text without a complete
 * `{{…}}` on one line is left alone; otherwise tags may span lines and an unclosed `{{` is an error.
 *
 * @throws TemplateError
 */
export function compileText(source: string): CompiledText {
  if (source.length > MAX_TEMPLATE_TEXT) {
    throw new TemplateError(`a template text has ${source.length} characters; the limit is ${MAX_TEMPLATE_TEXT}`);
  }
  if (!source.includes('{{') || !hasTagOnOneLine(source)) return { source, parts: source === '' ? [] : [source] };
  const parts: (string | Tag)[] = [];
  let at = 0;
  for (let open = source.indexOf('{{'); open >= 0; open = source.indexOf('{{', at)) {
    const close = source.indexOf('}}', open + 2);
    if (close < 0)
      throw new TemplateError(`cannot find the end "}}" of the tag that starts with ${JSON.stringify(source.slice(open, open + 40))}`);
    if (open > at) parts.push(source.slice(at, open));
    parts.push(readTag(source.slice(open + 2, close)));
    at = close + 2;
  }
  if (at < source.length) parts.push(source.slice(at));
  return { source, parts };
}

/** A regular expression would look through the rest of the text at each `{{`. */
function hasTagOnOneLine(source: string): boolean {
  return source.split('\n').some((line) => {
    const open = line.indexOf('{{');
    return open >= 0 && line.indexOf('}}', open + 2) >= 0;
  });
}

/**
 * Fills in what `lookup` knows as text; other tags stay as they were written. Fallbacks are not looked at.
 * @throws TemplateLimitError
 */
export function fillText(text: CompiledText, lookup: (name: string) => unknown, budget: TextBudget = new TextBudget()): string {
  let filled = '';
  for (const part of text.parts) {
    const piece = typeof part === 'string' ? part : fillTag(part, lookup);
    budget.spend(piece.length);
    filled += piece;
  }
  return filled;
}

function fillTag({ name, raw }: Tag, lookup: (name: string) => unknown): string {
  const value = name === '' ? undefined : lookup(name);
  return typeof value === 'string' ? value : `{{${raw}}}`;
}

export function tagsOf(text: CompiledText): Tag[] {
  return text.parts.filter((part) => typeof part !== 'string');
}

function readTag(raw: string): Tag {
  const name = raw.trim();
  const defaulted = DEFAULTED.exec(name);
  if (!defaulted) return { raw, name };
  const [, parameter = '', double, single] = defaulted;
  return { raw, name: parameter, fallback: double === undefined ? single! : double.replace(/\\(.)/g, '$1') };
}
