import { InvalidInputError } from '@flotilla/kernel';
import type { MatchBudget } from './match-budget.js';
import { compileGlob } from './match-glob.js';

/** Longest pattern of paths. */
export const MAX_PATH_PATTERN = 4096;
/** Alternatives of one pattern, `{a,b}` written out, beyond this number are refused. */
const MAX_ALTERNATIVES = 256;
/** Braces within braces. */
const MAX_BRACE_DEPTH = 16;

type Segment = 'any-depth' | ((name: string) => boolean);

/**
 * Compiles a pattern of paths as Argo CD's "new git file globbing" reads it (the Go library doublestar): `**` as a whole segment is
 * any number of directories, none too; `*`, `?` and `[...]` stay within a segment; `{a,b}` lists alternatives, also with `/` and
 * braces inside; `\` takes the next character literally.
 *
 * Matching takes at most (segments of the pattern x segments of the path) segment matches, however often `**` stands.
 *
 * @param budget what this pattern and others may spend together on matching
 * @throws InvalidInputError naming the pattern: too long, too many alternatives, a class or brace that does not end
 */
export function compilePathPattern(pattern: string, budget?: MatchBudget): (path: string) => boolean {
  if (pattern.length > MAX_PATH_PATTERN) {
    throw new InvalidInputError(`the pattern ${quote(pattern)} has more than ${MAX_PATH_PATTERN} characters`);
  }
  const alternatives = [...new Set(writeOut(pattern, 0, { left: MAX_ALTERNATIVES, pattern }))].map((alternative) =>
    readSegments(alternative, budget),
  );
  return (path) => {
    const names = path.split('/');
    return alternatives.some((segments) => matchesFrom(segments, names, budget));
  };
}

/** A leading `/` or `./` says the same as nothing: patterns start at the root of the repository. */
function readSegments(alternative: string, budget: MatchBudget | undefined): Segment[] {
  const segments: Segment[] = [];
  for (const text of splitOutside(alternative, '/')) {
    if (text === '' || text === '.') continue;
    if (text === '..') throw new InvalidInputError(`the pattern ${quote(alternative)} leaves its directory by ".."`);
    if (text !== '**') segments.push(compileGlob(text, budget ? { separator: '/', budget } : { separator: '/' }));
    else if (segments.at(-1) !== 'any-depth') segments.push('any-depth');
  }
  return segments;
}

/** As for stars in a word: only the last `**` ever has to take more, because an earlier one that did would leave less for it. */
function matchesFrom(segments: readonly Segment[], names: readonly string[], budget: MatchBudget | undefined): boolean {
  let s = 0;
  let n = 0;
  let star = -1;
  let taken = 0;
  while (n < names.length) {
    budget?.spend(1);
    const segment = segments[s];
    if (segment === 'any-depth') {
      star = s++;
      taken = n;
    } else if (segment?.(names[n]!)) {
      s++;
      n++;
    } else if (star >= 0) {
      s = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  while (segments[s] === 'any-depth') s++;
  return s === segments.length;
}

interface Writing {
  left: number;
  pattern: string;
}

/** Every text a pattern with braces stands for. */
function writeOut(pattern: string, depth: number, writing: Writing): string[] {
  const open = indexOutside(pattern, '{');
  if (open < 0) return [pattern];
  if (depth >= MAX_BRACE_DEPTH) throw refuse(writing, `nests braces deeper than ${MAX_BRACE_DEPTH} levels`);
  const close = closingBrace(pattern, open);
  if (close < 0) throw refuse(writing, 'has a "{" without its "}"');
  const choices = splitOutside(pattern.slice(open + 1, close), ',').flatMap((choice) => writeOut(choice, depth + 1, writing));
  const tails = writeOut(pattern.slice(close + 1), depth, writing);
  if (choices.length * tails.length > writing.left) throw refuse(writing, `has more than ${writing.left} alternatives`);
  return choices.flatMap((choice) => tails.map((tail) => pattern.slice(0, open) + choice + tail));
}

/** The first `wanted` outside classes and escapes. */
function indexOutside(text: string, wanted: string): number {
  for (let i = 0; i < text.length; i = next(text, i)) if (text[i] === wanted) return i;
  return -1;
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i = next(text, i)) {
    if (text[i] === '{') depth++;
    if (text[i] === '}' && --depth === 0) return i;
  }
  return -1;
}

/** Splits at a character where it stands outside braces, classes and escapes. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i = next(text, i)) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}') depth--;
    else if (text[i] === separator && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** Past an escape or a class, else one further. */
function next(text: string, i: number): number {
  if (text[i] === '\\') return i + 2;
  if (text[i] !== '[') return i + 1;
  const end = text.indexOf(']', i + 2);
  return end < 0 ? i + 1 : end + 1;
}

const refuse = ({ pattern }: Writing, fault: string): InvalidInputError =>
  new InvalidInputError(`the pattern ${quote(pattern)} ${fault}`, { pattern: pattern.slice(0, 200) });

const quote = (pattern: string): string => JSON.stringify(pattern.length > 200 ? `${pattern.slice(0, 200)}…` : pattern);
