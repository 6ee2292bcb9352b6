import { ExprError } from '../expr.errors.js';
import { BUILTIN_NAMES } from './builtin-names.js';
import { readTokens } from './lexer.js';
import type { Node } from './nodes.js';
import { BINARY, CHAINED, NEGATABLE, PREDICATES, UNARY } from './operators.js';
import { TokenStream } from './token-stream.js';

/**
 * Reads an expression of expr-lang (https://expr-lang.org/docs/language-definition); precedences are those of its parser.
 * @throws ExprError, ExprLimitError
 */
export function parseExpr(source: string): Node {
  const parser = new Parser(new TokenStream(readTokens(source)));
  return parser.run();
}

class Parser {
  readonly #tokens: TokenStream;
  /** How many predicates this place is inside of. */
  #predicates = 0;

  constructor(tokens: TokenStream) {
    this.#tokens = tokens;
  }

  run(): Node {
    const node = this.#sequence();
    if (this.#tokens.current.type !== 'end') throw this.#tokens.unexpected('the expression goes on');
    return node;
  }

  #sequence(): Node {
    const steps = [this.#expression(0)];
    while (this.#tokens.take(';') && this.#tokens.current.type !== 'end' && !this.#tokens.isOperator(')', '}')) {
      steps.push(this.#expression(0));
    }
    return steps.length === 1 ? steps[0]! : { type: 'sequence', steps };
  }

  #expression(precedence: number): Node {
    return this.#tokens.nest(() => {
      if (precedence === 0 && this.#tokens.isName('let') && this.#tokens.peek().type === 'name') return this.#let();
      if (precedence === 0 && this.#tokens.isName('if')) return this.#if();
      const node = this.#operations(this.#primary(), precedence);
      return precedence === 0 ? this.#choice(node) : node;
    });
  }

  #operations(first: Node, precedence: number): Node {
    let left = first;
    let previous = '';
    for (;;) {
      const isNegated = this.#tokens.isOperator('not') && NEGATABLE.has(this.#tokens.peek().value as string);
      const token = isNegated ? this.#tokens.peek() : this.#tokens.current;
      const operator = token.type === 'operator' ? token.value : '';
      const known = BINARY.get(operator);
      if (!known || known.precedence < precedence) return left;
      if (isNegated) this.#tokens.advance();
      this.#tokens.advance();
      if (previous === '??' && operator !== '??') {
        throw new ExprError(`?? and ${operator} are mixed; put one of them in parentheses`, token.at);
      }
      previous = operator;
      if (operator === '|') left = this.#pipe(left);
      else if (CHAINED.has(operator)) left = this.#comparison(left, operator, known.precedence);
      else {
        const right = this.#expression(known.isRight ? known.precedence : known.precedence + 1);
        const node = binary(operator, left, right);
        left = isNegated ? { type: 'unary', operator: 'not', operand: node } : node;
      }
    }
  }

  #pipe(left: Node): Node {
    const token = this.#tokens.advance();
    if (token.type !== 'name') throw new ExprError('a function is expected behind |', token.at);
    return this.#postfix(this.#call(token.value, [left]));
  }

  #comparison(first: Node, firstOperator: string, precedence: number): Node {
    let operator = firstOperator;
    let left = this.#expression(precedence + 1);
    let result: Node = binary(operator, first, left);
    while (this.#tokens.current.type === 'operator' && CHAINED.has(this.#tokens.current.value)) {
      operator = this.#tokens.advance().value as string;
      const right = this.#expression(precedence + 1);
      result = { type: 'logic', operator: 'and', left: result, right: binary(operator, left, right) };
      left = right;
    }
    return result;
  }

  #choice(node: Node): Node {
    let condition = node;
    while (this.#tokens.take('?')) {
      if (this.#tokens.take(':')) {
        condition = { type: 'choice', condition, yes: condition, no: this.#expression(0) };
        continue;
      }
      const yes = this.#expression(0);
      this.#tokens.expect(':');
      condition = { type: 'choice', condition, yes, no: this.#expression(0) };
    }
    return condition;
  }

  #let(): Node {
    this.#tokens.advance();
    const name = this.#tokens.advance();
    this.#tokens.expect('=');
    const value = this.#expression(0);
    this.#tokens.expect(';');
    return { type: 'let', name: String(name.value), value, body: this.#sequence() };
  }

  #if(): Node {
    this.#tokens.advance();
    const condition = this.#expression(0);
    const block = (): Node => {
      this.#tokens.expect('{');
      const body = this.#sequence();
      this.#tokens.expect('}');
      return body;
    };
    const yes = block();
    if (!this.#tokens.isName('else')) throw this.#tokens.unexpected('"else" is expected');
    this.#tokens.advance();
    return { type: 'choice', condition, yes, no: this.#tokens.isName('if') ? this.#if() : block() };
  }

  #primary(): Node {
    const { current } = this.#tokens;
    const unary = current.type === 'operator' ? UNARY.get(current.value) : undefined;
    if (unary !== undefined) {
      this.#tokens.advance();
      const operand = this.#expression(unary);
      const operator = current.value === '-' || current.value === '+' ? current.value : 'not';
      return this.#postfix({ type: 'unary', operator, operand });
    }
    if (this.#tokens.take('(')) {
      const inner = this.#sequence();
      this.#tokens.expect(')');
      return this.#postfix(inner);
    }
    if (this.#predicates > 0 && this.#tokens.isOperator('.')) return this.#postfix({ type: 'pointer', name: '' });
    if (this.#predicates > 0 && this.#tokens.take('#')) return this.#postfix(this.#pointer());
    return this.#secondary();
  }

  #pointer(): Node {
    const { current } = this.#tokens;
    if (current.type !== 'name') return { type: 'pointer', name: '' };
    this.#tokens.advance();
    if (current.value === 'index' || current.value === 'acc') return { type: 'pointer', name: current.value };
    throw new ExprError(`#${current.value} is unknown; #, #index and #acc are known`, current.at);
  }

  #secondary(): Node {
    const token = this.#tokens.current;
    if (token.type === 'number' || token.type === 'string') {
      this.#tokens.advance();
      return this.#postfix({ type: 'literal', value: token.value });
    }
    if (token.type === 'name') {
      this.#tokens.advance();
      if (token.value === 'true' || token.value === 'false') return this.#postfix({ type: 'literal', value: token.value === 'true' });
      if (token.value === 'nil') return this.#postfix({ type: 'literal', value: null });
      return this.#postfix(this.#tokens.isOperator('(') ? this.#call(token.value, []) : { type: 'name', name: token.value });
    }
    if (this.#tokens.isOperator('[')) return this.#postfix({ type: 'array', items: this.#list('[', ']', () => this.#expression(0)) });
    if (this.#tokens.isOperator('{')) return this.#postfix({ type: 'map', entries: this.#list('{', '}', () => this.#entry()) });
    throw this.#tokens.unexpected('a value is expected');
  }

  #entry(): readonly [Node, Node] {
    const token = this.#tokens.current;
    let key: Node;
    if (this.#tokens.take('(')) {
      key = this.#expression(0);
      this.#tokens.expect(')');
    } else if (token.type === 'string' || token.type === 'name' || token.type === 'number') {
      this.#tokens.advance();
      key = { type: 'literal', value: String(token.value) };
    } else throw this.#tokens.unexpected('a key is expected');
    this.#tokens.expect(':');
    return [key, this.#expression(0)];
  }

  #list<T>(open: string, close: string, read: () => T): T[] {
    this.#tokens.expect(open);
    const items: T[] = [];
    while (!this.#tokens.isOperator(close)) {
      items.push(read());
      if (!this.#tokens.take(',')) break;
    }
    this.#tokens.expect(close);
    return items;
  }

  /** A call by name; `first` are arguments that a pipe brought. */
  #call(name: string, first: readonly Node[]): Node {
    if (!BUILTIN_NAMES.has(name)) return { type: 'call', callee: { type: 'name', name }, args: [...first, ...this.#args()] };
    const place = PREDICATES.get(name);
    let index = first.length;
    const rest = this.#list('(', ')', () => (place === index++ ? this.#predicate() : this.#expression(0)));
    return { type: 'builtin', name, args: [...first, ...rest] };
  }

  #args(): Node[] {
    return this.#list('(', ')', () => this.#expression(0));
  }

  #predicate(): Node {
    this.#predicates++;
    let body: Node;
    if (this.#tokens.take('{')) {
      body = this.#sequence();
      this.#tokens.expect('}');
    } else body = this.#expression(0);
    this.#predicates--;
    return { type: 'predicate', body };
  }

  #postfix(start: Node): Node {
    let node = start;
    let hasOptional = false;
    for (;;) {
      if (this.#tokens.isOperator('.', '?.')) {
        const isOptional = this.#tokens.advance().value === '?.';
        hasOptional ||= isOptional;
        node = {
          type: 'member',
          object: node,
          key: isOptional && this.#tokens.isOperator('[') ? this.#index() : this.#property(),
          isOptional,
        };
      } else if (this.#tokens.isOperator('(')) node = { type: 'call', callee: node, args: this.#args() };
      else if (this.#tokens.isOperator('[')) node = this.#indexOrSlice(node);
      else return hasOptional ? { type: 'chain', inner: node } : node;
    }
  }

  #property(): Node {
    const token = this.#tokens.advance();
    // Words that are operators elsewhere are names behind a dot.
    if (token.type === 'name' || (token.type === 'operator' && /^[a-z]/i.test(token.value))) return { type: 'literal', value: token.value };
    throw new ExprError('a name is expected behind the dot', token.at);
  }

  #index(): Node {
    this.#tokens.expect('[');
    const key = this.#expression(0);
    this.#tokens.expect(']');
    return key;
  }

  #indexOrSlice(object: Node): Node {
    this.#tokens.expect('[');
    const from = this.#tokens.isOperator(':') ? undefined : this.#expression(0);
    if (from && !this.#tokens.isOperator(':')) {
      this.#tokens.expect(']');
      return { type: 'member', object, key: from, isOptional: false };
    }
    this.#tokens.expect(':');
    const to = this.#tokens.isOperator(']') ? undefined : this.#expression(0);
    this.#tokens.expect(']');
    return { type: 'slice', object, ...(from ? { from } : {}), ...(to ? { to } : {}) };
  }
}

function binary(operator: string, left: Node, right: Node): Node {
  if (operator === 'and' || operator === '&&') return { type: 'logic', operator: 'and', left, right };
  if (operator === 'or' || operator === '||') return { type: 'logic', operator: 'or', left, right };
  if (operator === '??') return { type: 'logic', operator: '??', left, right };
  return { type: 'binary', operator: operator === '^' ? '**' : operator, left, right };
}
