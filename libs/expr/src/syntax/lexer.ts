import { ExprError, ExprLimitError } from '../expr.errors.js';
import { readEscapes } from './read-escapes.js';

/** Longest expression in characters. */
export const MAX_SOURCE = 10_000;

export type Token =
  | { type: 'number'; value: number; at: number }
  | { type: 'string'; value: string; at: number }
  | { type: 'name' | 'operator'; value: string; at: number }
  | { type: 'end'; value: ''; at: number };

/** Words that stand for operators wherever an operator may stand. */
const WORD_OPERATORS = new Set(['and', 'or', 'not', 'in', 'matches', 'contains', 'startsWith', 'endsWith']);
const SPACE = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
/** The dots of a range are not part of the number before them. */
const NUMBER = /0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|`[^`]*`/y;
const NAME = /[\p{L}_$][\p{L}\p{Nd}_$]*/uy;
const OPERATOR = /\?\.|\?\?|\|\||&&|==|!=|<=|>=|\.\.|\*\*|[-+*/%^<>!?:;=|#.,()[\]{}]/y;

/** @throws ExprError for a character that begins nothing, ExprLimitError for a text beyond MAX_SOURCE */
export function readTokens(source: string): Token[] {
  if (source.length > MAX_SOURCE)
    throw new ExprLimitError(`the expression has ${source.length} characters; at most ${MAX_SOURCE} are read`);
  const tokens: Token[] = [];
  for (let at = 0; ; ) {
    at += matchAt(SPACE, source, at)?.length ?? 0;
    if (at >= source.length) break;
    const token = readToken(source, at);
    tokens.push(token.token);
    at += token.length;
  }
  return [...tokens, { type: 'end', value: '', at: source.length }];
}

function readToken(source: string, at: number): { token: Token; length: number } {
  const name = matchAt(NAME, source, at);
  if (name !== undefined) {
    return { token: { type: WORD_OPERATORS.has(name) ? 'operator' : 'name', value: name, at }, length: name.length };
  }
  const number = matchAt(NUMBER, source, at);
  if (number !== undefined) {
    if (matchAt(NAME, source, at + number.length) !== undefined) throw new ExprError('a number ends in letters', at + number.length);
    return { token: { type: 'number', value: Number(number.replaceAll('_', '')), at }, length: number.length };
  }
  const text = matchAt(STRING, source, at);
  if (text !== undefined) {
    const inner = text.slice(1, -1);
    return { token: { type: 'string', value: text.startsWith('`') ? inner : readEscapes(inner, at), at }, length: text.length };
  }
  const operator = matchAt(OPERATOR, source, at);
  if (operator !== undefined) return { token: { type: 'operator', value: operator, at }, length: operator.length };
  const isQuote = /["'`]/.test(source[at]!);
  throw new ExprError(isQuote ? 'a text is not closed' : `${JSON.stringify(source[at])} does not belong here`, at);
}

function matchAt(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}
