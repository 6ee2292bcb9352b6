import { SourceOptionError } from '../render.errors.js';
import { quote } from './join-path.js';

/** Alternatives a pattern may expand to. */
const MAX_ALTERNATIVES = 256;
const MAX_LENGTH = 1024;

type Token = { any: 'one' | 'part' | 'all' | 'directories' } | { chars: string; negated: boolean } | { char: string };

/**
 * A glob without regular expressions, so that no pattern takes more than length x length steps. `?`, `[a-z]`, `[!a]`, `{a,b}`,
 * `\x`; `*` crosses `/` unless `separator` is given, `**` always does.
 *
 * @throws SourceOptionError naming `field`
 */
export function compileGlob(pattern: string, field: string, options: { separator?: boolean } = {}): (text: string) => boolean {
  if (pattern.length > MAX_LENGTH) throw new SourceOptionError(`${field}: the pattern is longer than ${MAX_LENGTH} characters`, { field });
  const alternatives = expand(pattern, field).map((alternative) => tokenize(alternative, options.separator ?? false, field));
  return (text) => alternatives.some((tokens) => matches(tokens, [...text]));
}

export function hasWildcard(text: string): boolean {
  return /[*?[{]/.test(text);
}

function expand(pattern: string, field: string): string[] {
  const open = findOutside(pattern, 0, (char) => char === '{');
  if (open < 0) return [pattern];
  let depth = 0;
  let start = open + 1;
  const parts: string[] = [];
  for (let i = open; i < pattern.length; i++) {
    const char = pattern[i];
    if (char === '\\') i++;
    else if (char === '{') depth++;
    else if (char === ',' && depth === 1) {
      parts.push(pattern.slice(start, i));
      start = i + 1;
    } else if (char === '}' && --depth === 0) {
      parts.push(pattern.slice(start, i));
      const rest = expand(pattern.slice(i + 1), field);
      const heads = parts.flatMap((part) => expand(part, field)).map((part) => pattern.slice(0, open) + part);
      const all = heads.flatMap((head) => rest.map((tail) => head + tail));
      if (all.length > MAX_ALTERNATIVES) throw new SourceOptionError(`${field}: more than ${MAX_ALTERNATIVES} alternatives`, { field });
      return all;
    }
  }
  throw new SourceOptionError(`${field}: ${quote(pattern)} has a { without }`, { field });
}

function findOutside(pattern: string, from: number, is: (char: string) => boolean): number {
  for (let i = from; i < pattern.length; i++) {
    if (pattern[i] === '\\') i++;
    else if (is(pattern[i]!)) return i;
  }
  return -1;
}

function tokenize(pattern: string, separator: boolean, field: string): Token[] {
  const tokens: Token[] = [];
  const chars = [...pattern];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    if (char === '\\') tokens.push({ char: chars[++i] ?? '\\' });
    else if (char === '?') tokens.push(separator ? { chars: '/', negated: true } : { any: 'one' });
    else if (char === '*') {
      const isDouble = chars[i + 1] === '*';
      const isWhole = isDouble && separator && chars[i + 2] === '/' && (i === 0 || chars[i - 1] === '/');
      // `**/x` also matches `x`, so the slash belongs to the stars.
      i += isWhole ? 2 : isDouble ? 1 : 0;
      tokens.push({ any: isWhole ? 'directories' : isDouble || !separator ? 'all' : 'part' });
    } else if (char === '[') {
      const end = chars.indexOf(']', i + 2);
      if (end < 0) throw new SourceOptionError(`${field}: ${quote(pattern)} has a [ without ]`, { field });
      const negated = chars[i + 1] === '!' || chars[i + 1] === '^';
      tokens.push({ chars: chars.slice(i + (negated ? 2 : 1), end).join(''), negated });
      i = end;
    } else tokens.push({ char });
  }
  return tokens;
}

/** Row by row over the tokens: `reached[i]` says that the first i characters are matched so far. */
function matches(tokens: readonly Token[], text: readonly string[]): boolean {
  let reached = text.map(() => false).concat(false);
  reached[0] = true;
  for (const token of tokens) {
    const next = reached.map(() => false);
    let wasReached = false;
    for (let i = 0; i <= text.length; i++) {
      const before = i > 0 ? text[i - 1]! : undefined;
      if ('any' in token && token.any === 'directories') next[i] = reached[i]! || (wasReached && before === '/');
      else if ('any' in token && token.any !== 'one') {
        next[i] = reached[i]! || (before !== undefined && next[i - 1]! && (token.any === 'all' || before !== '/'));
      } else if (before !== undefined && reached[i - 1] && fits(token, before)) next[i] = true;
      wasReached ||= reached[i]!;
    }
    reached = next;
  }
  return reached[text.length]!;
}

function fits(token: Token, char: string): boolean {
  if ('char' in token) return token.char === char;
  if ('any' in token) return true;
  const chars = [...token.chars];
  let found = false;
  for (let i = 0; i < chars.length; i++) {
    if (chars[i + 1] === '-' && chars[i + 2] !== undefined) {
      if (char >= chars[i]! && char <= chars[i + 2]!) found = true;
      i += 2;
    } else if (chars[i] === char) found = true;
  }
  return found !== token.negated;
}
