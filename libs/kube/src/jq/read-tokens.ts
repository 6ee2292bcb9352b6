import { PathExpressionError } from './path-expression.errors.js';

export type Token =
  | { kind: 'field'; text: string }
  | { kind: 'name'; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'number'; value: number }
  | { kind: 'sign'; text: string };

const MAX_LENGTH = 2_000;
const SPACE = /[ \t\r\n]+|#[^\n]*/y;
const FIELD = /\.([A-Za-z_][A-Za-z0-9_]*)/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /\d+(\.\d+)?([eE][+-]?\d+)?/y;
const TEXT = /"(?:[^"\\]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/y;
const SIGN = /\.\.|==|!=|<=|>=|[.[\](){}|,<>?:;-]/y;

/** Cuts a jq expression into tokens. @throws PathExpressionError */
export function readTokens(text: string): Token[] {
  if (text.length > MAX_LENGTH) throw new PathExpressionError(`a jq expression of more than ${MAX_LENGTH} characters`);
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found;
  };
  while (at < text.length) {
    if (take(SPACE)) continue;
    const field = take(FIELD);
    if (field) {
      tokens.push({ kind: 'field', text: field[1]! });
      continue;
    }
    const found = take(NAME) ?? take(NUMBER) ?? take(TEXT) ?? take(SIGN);
    if (!found)
      throw new PathExpressionError(
        `jq expression ${JSON.stringify(text)}: nothing known begins at ${JSON.stringify(text.slice(at, at + 10))}`,
      );
    tokens.push(toToken(found[0]));
  }
  return tokens;
}

function toToken(found: string): Token {
  const first = found[0]!;
  if (first === '"') return { kind: 'text', text: JSON.parse(found) as string };
  if (/\d/.test(first)) return { kind: 'number', value: Number(found) };
  return { kind: /[A-Za-z_]/.test(first) ? 'name' : 'sign', text: found };
}
