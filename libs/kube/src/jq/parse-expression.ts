import { PathExpressionError } from './path-expression.errors.js';
import { readTokens, type Token } from './read-tokens.js';
import { checkPattern } from './safe-pattern.js';

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** A parsed expression; each gives zero or more values for one input. */
export type Expression =
  | { kind: 'identity' }
  | { kind: 'recurse' }
  | { kind: 'literal'; value: string | number | boolean | null }
  | { kind: 'member'; of: Expression; key: string | number }
  | { kind: 'each'; of: Expression }
  | { kind: 'optional'; of: Expression }
  | { kind: 'pipe' | 'comma' | 'and' | 'or'; left: Expression; right: Expression }
  | { kind: 'compare'; operator: Comparison; left: Expression; right: Expression }
  | { kind: 'call'; name: FunctionName; argument?: Expression };

/** What may be called, and with how many arguments. */
const FUNCTIONS = {
  select: 1,
  has: 1,
  contains: 1,
  startswith: 1,
  endswith: 1,
  test: 1,
  any: 1,
  all: 1,
  not: 0,
  length: 0,
  type: 0,
  keys: 0,
  empty: 0,
  recurse: 0,
} as const;
export type FunctionName = keyof typeof FUNCTIONS;

const MAX_DEPTH = 50;
const COMPARISONS: readonly string[] = ['==', '!=', '<', '<=', '>', '>='];
const CONSTANTS: Record<string, boolean | null> = { true: true, false: false, null: null };

/**
 * Reads the part of jq that ignoreDifferences needs: members, indexes, `[]`, `..`, `?`, pipes, commas, comparisons, `and`,
 * `or`, and the functions above. Everything else is refused. @throws PathExpressionError
 */
export function parseExpression(text: string): Expression {
  return new Parser(text).read();
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = readTokens(text);
  }

  read(): Expression {
    const expression = this.#pipe();
    if (this.#at < this.#tokens.length) this.#fail();
    return expression;
  }

  #pipe(): Expression {
    if (++this.#depth > MAX_DEPTH) throw new PathExpressionError(`jq expression nested deeper than ${MAX_DEPTH} levels`);
    let left = this.#comma();
    while (this.#takes('|')) left = { kind: 'pipe', left, right: this.#comma() };
    this.#depth--;
    return left;
  }

  #comma(): Expression {
    let left = this.#or();
    while (this.#takes(',')) left = { kind: 'comma', left, right: this.#or() };
    return left;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#takesName('or')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Expression {
    let left = this.#comparison();
    while (this.#takesName('and')) left = { kind: 'and', left, right: this.#comparison() };
    return left;
  }

  #comparison(): Expression {
    const left = this.#postfix();
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'sign' || !COMPARISONS.includes(token.text)) return left;
    this.#at++;
    return { kind: 'compare', operator: token.text as Comparison, left, right: this.#postfix() };
  }

  /** A term with what hangs on it: `.a."b"["c"][0][]?` */
  #postfix(): Expression {
    let term = this.#term();
    for (;;) {
      const field = this.#tokens[this.#at];
      if (field?.kind === 'field') {
        this.#at++;
        term = { kind: 'member', of: term, key: field.text };
      } else if (this.#takes('[')) term = this.#bracket(term);
      else if (this.#takes('?')) term = { kind: 'optional', of: term };
      else if (this.#takes('.')) term = this.#afterDot(term);
      else return term;
    }
  }

  #bracket(of: Expression): Expression {
    if (this.#takes(']')) return { kind: 'each', of };
    const isNegative = this.#takes('-');
    const token = this.#tokens[this.#at++];
    if (token?.kind === 'text' && !isNegative && this.#takes(']')) return { kind: 'member', of, key: token.text };
    if (token?.kind !== 'number' || !Number.isInteger(token.value) || !this.#takes(']')) return this.#fail();
    return { kind: 'member', of, key: isNegative ? -token.value : token.value };
  }

  #afterDot(of: Expression): Expression {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'text') {
      if (this.#takes('[')) return this.#bracket(of);
      return this.#fail();
    }
    this.#at++;
    return { kind: 'member', of, key: token.text };
  }

  #term(): Expression {
    const token = this.#tokens[this.#at++];
    switch (token?.kind) {
      case 'field':
        return { kind: 'member', of: { kind: 'identity' }, key: token.text };
      case 'text':
        return { kind: 'literal', value: token.text };
      case 'number':
        return { kind: 'literal', value: token.value };
      case 'name':
        return Object.hasOwn(CONSTANTS, token.text) ? { kind: 'literal', value: CONSTANTS[token.text]! } : this.#call(token.text);
      case 'sign':
        return this.#signed(token.text);
      default:
        return this.#fail();
    }
  }

  #signed(sign: string): Expression {
    if (sign === '..') return { kind: 'recurse' };
    if (sign === '(') {
      const inner = this.#pipe();
      return this.#takes(')') ? inner : this.#fail();
    }
    if (sign === '-') {
      const token = this.#tokens[this.#at++];
      return token?.kind === 'number' ? { kind: 'literal', value: -token.value } : this.#fail();
    }
    if (sign !== '.') return this.#fail();
    const next = this.#tokens[this.#at];
    return next?.kind === 'text' ? this.#afterDot({ kind: 'identity' }) : { kind: 'identity' };
  }

  #call(name: string): Expression {
    if (!Object.hasOwn(FUNCTIONS, name)) {
      throw new PathExpressionError(
        `jq expression ${JSON.stringify(this.#text)}: ${name} is not among ${Object.keys(FUNCTIONS).join(', ')}`,
      );
    }
    const known = name as FunctionName;
    if (FUNCTIONS[known] === 0) return known === 'recurse' ? { kind: 'recurse' } : { kind: 'call', name: known };
    if (!this.#takes('(')) return this.#fail();
    const argument = this.#pipe();
    if (!this.#takes(')')) return this.#fail();
    if (known === 'test') checkPattern(argument.kind === 'literal' ? argument.value : undefined);
    return { kind: 'call', name: known, argument };
  }

  #takes(sign: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    this.#at++;
    return true;
  }

  #takesName(name: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'name' || token.text !== name) return false;
    this.#at++;
    return true;
  }

  #fail(): never {
    throw new PathExpressionError(`jq expression ${JSON.stringify(this.#text)}: not understood at its token ${Math.max(1, this.#at)}`);
  }
}
