import { InvalidInputError } from '@flotilla/kernel';
import type { MatchBudget } from './match-budget.js';

export interface GlobDialect {
  /** A character `*` and `?` never match: `/` for paths. Without it they match everything. */
  separator?: string;
  /** Whether `{a,b}` lists alternatives. */
  braces?: boolean;
  /** What this pattern and others may spend together on matching; without one each match is bounded by itself. */
  budget?: MatchBudget;
}

/** Alternatives of one `{a,b}` pattern beyond this number are refused. */
const MAX_ALTERNATIVES = 256;

type Token = { star: true } | { star: false; accepts: (character: string) => boolean };

/**
 * Compiles a glob with `*`, `?`, `[a-z]`, `[^a]` or `[!a]` and `\` escapes. Matching takes at most
 * (pattern length x text length) steps, so a hostile pattern costs no more than a long one.
 *
 * @throws InvalidInputError naming the pattern when a class or brace does not end
 */
export function compileGlob(pattern: string, dialect: GlobDialect = {}): (text: string) => boolean {
  const alternatives = dialect.braces ? expandBraces(pattern) : [pattern];
  const compiled = alternatives.map((alternative) => tokenise(alternative, dialect.separator));
  return (text) => compiled.some((tokens) => matches(tokens, text, dialect));
}

export function matchesGlob(pattern: string, text: string, dialect: GlobDialect = {}): boolean {
  return compileGlob(pattern, dialect)(text);
}

function tokenise(pattern: string, separator: string | undefined): Token[] {
  const tokens: Token[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!;
    if (character === '*') {
      if (!tokens.at(-1)?.star) tokens.push({ star: true });
    } else if (character === '?') {
      tokens.push({ star: false, accepts: (other) => other !== separator });
    } else if (character === '[') {
      const end = classEnd(pattern, i);
      tokens.push({ star: false, accepts: readClass(pattern.slice(i + 1, end), separator) });
      i = end;
    } else {
      if (character === '\\') i++;
      const literal = pattern[i];
      if (literal === undefined) throw new InvalidInputError(`pattern ${JSON.stringify(pattern)} ends in a lone backslash`, { pattern });
      tokens.push({ star: false, accepts: (other) => other === literal });
    }
  }
  return tokens;
}

function classEnd(pattern: string, start: number): number {
  const first = pattern[start + 1] === '^' || pattern[start + 1] === '!' ? start + 2 : start + 1;
  for (let i = first; i < pattern.length; i++) {
    if (pattern[i] === '\\') i++;
    else if (pattern[i] === ']' && i > first) return i;
  }
  throw new InvalidInputError(`pattern ${JSON.stringify(pattern)} has a "[" without its "]"`, { pattern });
}

function readClass(body: string, separator: string | undefined): (character: string) => boolean {
  const negated = body.startsWith('^') || body.startsWith('!');
  const characters: string[] = [];
  const ranges: [string, string][] = [];
  const items = [...(negated ? body.slice(1) : body).matchAll(/\\?(.)(?:-\\?(.))?/gsu)];
  for (const [, low = '', high] of items) {
    if (high === undefined) characters.push(low);
    else ranges.push([low, high]);
  }
  return (character) => {
    const listed = characters.includes(character) || ranges.some(([low, high]) => character >= low && character <= high);
    return listed !== negated && character !== separator;
  };
}

/** Only the last star ever needs to give way: an earlier one that took more would leave less for it. */
function matches(tokens: readonly Token[], text: string, { separator, budget }: GlobDialect): boolean {
  let steps = 0;
  let t = 0;
  let i = 0;
  let star = -1;
  let starText = 0;
  while (i < text.length) {
    if (budget && (++steps & 1023) === 0) budget.spend(1024);
    const token = tokens[t];
    if (token?.star) {
      star = t++;
      starText = i;
    } else if (token && !token.star && token.accepts(text[i]!)) {
      t++;
      i++;
    } else if (star >= 0 && text[starText] !== separator) {
      t = star + 1;
      i = ++starText;
    } else {
      break;
    }
  }
  budget?.spend((steps & 1023) + 1);
  if (i < text.length) return false;
  while (tokens[t]?.star) t++;
  return t === tokens.length;
}

function expandBraces(pattern: string): string[] {
  const open = pattern.search(/(?<!\\)\{/);
  if (open < 0) return [pattern];
  const close = pattern.indexOf('}', open);
  if (close < 0) throw new InvalidInputError(`pattern ${JSON.stringify(pattern)} has a "{" without its "}"`, { pattern });
  const tails = expandBraces(pattern.slice(close + 1));
  const choices = pattern.slice(open + 1, close).split(',');
  if (choices.length * tails.length > MAX_ALTERNATIVES) {
    throw new InvalidInputError(`pattern ${JSON.stringify(pattern)} has more than ${MAX_ALTERNATIVES} alternatives`, { pattern });
  }
  return choices.flatMap((choice) => tails.map((tail) => pattern.slice(0, open) + choice + tail));
}
