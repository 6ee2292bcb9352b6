import { ExprError } from '../expr.errors.js';
import { BUILTIN_NAMES } from './builtin-names.js';
import type { Node } from './nodes.js';
import { PREDICATES, UNARY } from './operators.js';
import type { TokenStream } from './token-stream.js';

/** Reads what stands between operators: literals, names, calls, lists, maps and the members behind them. */
export abstract class OperandParser {
  protected readonly tokens: TokenStream;
  /** How many predicates this place is inside of. */
  #predicates = 0;

  constructor(tokens: TokenStream) {
    this.tokens = tokens;
  }

  protected abstract expression(precedence: number): Node;
  protected abstract sequence(): Node;

  protected primary(): Node {
    const { current } = this.tokens;
    const unary = current.type === 'operator' ? UNARY.get(current.value) : undefined;
    if (unary !== undefined) {
      this.tokens.advance();
      const operand = this.expression(unary);
      const operator = current.value === '-' || current.value === '+' ? current.value : 'not';
      return this.postfix({ type: 'unary', operator, operand });
    }
    if (this.tokens.take('(')) {
      const inner = this.sequence();
      this.tokens.expect(')');
      return this.postfix(inner);
    }
    if (this.#predicates > 0 && this.tokens.isOperator('.')) return this.postfix({ type: 'pointer', name: '' });
    if (this.#predicates > 0 && this.tokens.take('#')) return this.postfix(this.#pointer());
    return this.#secondary();
  }

  #pointer(): Node {
    const { current } = this.tokens;
    if (current.type !== 'name') return { type: 'pointer', name: '' };
    this.tokens.advance();
    if (current.value === 'index' || current.value === 'acc') return { type: 'pointer', name: current.value };
    throw new ExprError(`#${current.value} is unknown; #, #index and #acc are known`, current.at);
  }

  #secondary(): Node {
    const token = this.tokens.current;
    if (token.type === 'number' || token.type === 'string') {
      this.tokens.advance();
      return this.postfix({ type: 'literal', value: token.value });
    }
    if (token.type === 'name') {
      this.tokens.advance();
      if (token.value === 'true' || token.value === 'false') return this.postfix({ type: 'literal', value: token.value === 'true' });
      if (token.value === 'nil') return this.postfix({ type: 'literal', value: null });
      return this.postfix(this.tokens.isOperator('(') ? this.call(token.value, []) : { type: 'name', name: token.value });
    }
    if (this.tokens.isOperator('[')) return this.postfix({ type: 'array', items: this.#list('[', ']', () => this.expression(0)) });
    if (this.tokens.isOperator('{')) return this.postfix({ type: 'map', entries: this.#list('{', '}', () => this.#entry()) });
    throw this.tokens.unexpected('a value is expected');
  }

  #entry(): readonly [Node, Node] {
    const token = this.tokens.current;
    let key: Node;
    if (this.tokens.take('(')) {
      key = this.expression(0);
      this.tokens.expect(')');
    } else if (token.type === 'string' || token.type === 'name' || token.type === 'number') {
      this.tokens.advance();
      key = { type: 'literal', value: String(token.value) };
    } else throw this.tokens.unexpected('a key is expected');
    this.tokens.expect(':');
    return [key, this.expression(0)];
  }

  #list<T>(open: string, close: string, read: () => T): T[] {
    this.tokens.expect(open);
    const items: T[] = [];
    while (!this.tokens.isOperator(close)) {
      items.push(read());
      if (!this.tokens.take(',')) break;
    }
    this.tokens.expect(close);
    return items;
  }

  /** A call by name; `first` are arguments that a pipe brought. */
  protected call(name: string, first: readonly Node[]): Node {
    if (!BUILTIN_NAMES.has(name)) return { type: 'call', callee: { type: 'name', name }, args: [...first, ...this.#args()] };
    const place = PREDICATES.get(name);
    let index = first.length;
    const rest = this.#list('(', ')', () => (place === index++ ? this.#predicate() : this.expression(0)));
    return { type: 'builtin', name, args: [...first, ...rest] };
  }

  #args(): Node[] {
    return this.#list('(', ')', () => this.expression(0));
  }

  #predicate(): Node {
    this.#predicates++;
    let body: Node;
    if (this.tokens.take('{')) {
      body = this.sequence();
      this.tokens.expect('}');
    } else body = this.expression(0);
    this.#predicates--;
    return { type: 'predicate', body };
  }

  protected postfix(start: Node): Node {
    let node = start;
    let hasOptional = false;
    for (;;) {
      if (this.tokens.isOperator('.', '?.')) {
        const isOptional = this.tokens.advance().value === '?.';
        hasOptional ||= isOptional;
        node = {
          type: 'member',
          object: node,
          key: isOptional && this.tokens.isOperator('[') ? this.#index() : this.#property(),
          isOptional,
        };
      } else if (this.tokens.isOperator('(')) node = { type: 'call', callee: node, args: this.#args() };
      else if (this.tokens.isOperator('[')) node = this.#indexOrSlice(node);
      else return hasOptional ? { type: 'chain', inner: node } : node;
    }
  }

  #property(): Node {
    const token = this.tokens.advance();
    // Words that are operators elsewhere are names behind a dot.
    if (token.type === 'name' || (token.type === 'operator' && /^[a-z]/i.test(token.value))) return { type: 'literal', value: token.value };
    throw new ExprError('a name is expected behind the dot', token.at);
  }

  #index(): Node {
    this.tokens.expect('[');
    const key = this.expression(0);
    this.tokens.expect(']');
    return key;
  }

  #indexOrSlice(object: Node): Node {
    this.tokens.expect('[');
    const from = this.tokens.isOperator(':') ? undefined : this.expression(0);
    if (from && !this.tokens.isOperator(':')) {
      this.tokens.expect(']');
      return { type: 'member', object, key: from, isOptional: false };
    }
    this.tokens.expect(':');
    const to = this.tokens.isOperator(']') ? undefined : this.expression(0);
    this.tokens.expect(']');
    return { type: 'slice', object, ...(from ? { from } : {}), ...(to ? { to } : {}) };
  }
}
