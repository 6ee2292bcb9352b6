import { ExprError, ExprLimitError } from '../expr.errors.js';
import type { Token } from './lexer.js';

/** Nesting of one expression. */
const MAX_DEPTH = 100;
/** Nodes of one expression. */
const MAX_NODES = 2_000;

/** The tokens of one expression and how deep its reader is. */
export class TokenStream {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;
  #nodes = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.#tokens[this.#next]!;
  }

  peek(offset = 1): Token {
    return this.#tokens[Math.min(this.#next + offset, this.#tokens.length - 1)]!;
  }

  isOperator(...values: readonly string[]): boolean {
    return this.current.type === 'operator' && values.includes(this.current.value);
  }

  isName(value: string): boolean {
    return this.current.type === 'name' && this.current.value === value;
  }

  advance(): Token {
    const token = this.current;
    if (token.type !== 'end') this.#next++;
    return token;
  }

  /** Takes the operator when it comes next. */
  take(value: string): boolean {
    if (!this.isOperator(value)) return false;
    this.advance();
    return true;
  }

  /** @throws ExprError when something else comes next */
  expect(value: string): void {
    if (!this.take(value)) throw this.unexpected(`"${value}" is expected`);
  }

  unexpected(wanted = 'this does not belong here'): ExprError {
    const { type, value, at } = this.current;
    const found = type === 'end' ? 'the end' : type === 'string' ? 'a text' : JSON.stringify(value);
    return new ExprError(`${wanted}, found ${found}`, at);
  }

  /** @throws ExprLimitError beyond the limits of one expression */
  nest<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new ExprLimitError(`the expression is nested deeper than ${MAX_DEPTH} levels`);
    if (++this.#nodes > MAX_NODES) throw new ExprLimitError(`the expression has more than ${MAX_NODES} parts`);
    const node = read();
    this.#depth--;
    return node;
  }
}
