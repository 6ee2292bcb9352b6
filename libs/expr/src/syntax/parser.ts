import { ExprError } from '../expr.errors.js';
import { readTokens } from './lexer.js';
import type { Node } from './nodes.js';
import { OperandParser } from './operand-parser.js';
import { BINARY, CHAINED, NEGATABLE } from './operators.js';
import { TokenStream } from './token-stream.js';

/**
 * Reads an expression of expr-lang (https://expr-lang.org/docs/language-definition); precedences are those of its parser.
 * @throws ExprError, ExprLimitError
 */
export function parseExpr(source: string): Node {
  const parser = new Parser(new TokenStream(readTokens(source)));
  return parser.run();
}

class Parser extends OperandParser {
  run(): Node {
    const node = this.sequence();
    if (this.tokens.current.type !== 'end') throw this.tokens.unexpected('the expression goes on');
    return node;
  }

  protected override sequence(): Node {
    const steps = [this.expression(0)];
    while (this.tokens.take(';') && this.tokens.current.type !== 'end' && !this.tokens.isOperator(')', '}')) {
      steps.push(this.expression(0));
    }
    return steps.length === 1 ? steps[0]! : { type: 'sequence', steps };
  }

  protected override expression(precedence: number): Node {
    return this.tokens.nest(() => {
      if (precedence === 0 && this.tokens.isName('let') && this.tokens.peek().type === 'name') return this.#let();
      if (precedence === 0 && this.tokens.isName('if')) return this.#if();
      const node = this.#operations(this.primary(), precedence);
      return precedence === 0 ? this.#choice(node) : node;
    });
  }

  #operations(first: Node, precedence: number): Node {
    let left = first;
    let previous = '';
    for (;;) {
      const isNegated = this.tokens.isOperator('not') && NEGATABLE.has(this.tokens.peek().value as string);
      const token = isNegated ? this.tokens.peek() : this.tokens.current;
      const operator = token.type === 'operator' ? token.value : '';
      const known = BINARY.get(operator);
      if (!known || known.precedence < precedence) return left;
      if (isNegated) this.tokens.advance();
      this.tokens.advance();
      if (previous === '??' && operator !== '??') {
        throw new ExprError(`?? and ${operator} are mixed; put one of them in parentheses`, token.at);
      }
      previous = operator;
      if (operator === '|') left = this.#pipe(left);
      else if (CHAINED.has(operator)) left = this.#comparison(left, operator, known.precedence);
      else {
        const right = this.expression(known.isRight ? known.precedence : known.precedence + 1);
        const node = binary(operator, left, right);
        left = isNegated ? { type: 'unary', operator: 'not', operand: node } : node;
      }
    }
  }

  #pipe(left: Node): Node {
    const token = this.tokens.advance();
    if (token.type !== 'name') throw new ExprError('a function is expected behind |', token.at);
    return this.postfix(this.call(token.value, [left]));
  }

  #comparison(first: Node, firstOperator: string, precedence: number): Node {
    let operator = firstOperator;
    let left = this.expression(precedence + 1);
    let result: Node = binary(operator, first, left);
    while (this.tokens.current.type === 'operator' && CHAINED.has(this.tokens.current.value)) {
      operator = this.tokens.advance().value as string;
      const right = this.expression(precedence + 1);
      result = { type: 'logic', operator: 'and', left: result, right: binary(operator, left, right) };
      left = right;
    }
    return result;
  }

  #choice(node: Node): Node {
    let condition = node;
    while (this.tokens.take('?')) {
      if (this.tokens.take(':')) {
        condition = { type: 'choice', condition, yes: condition, no: this.expression(0) };
        continue;
      }
      const yes = this.expression(0);
      this.tokens.expect(':');
      condition = { type: 'choice', condition, yes, no: this.expression(0) };
    }
    return condition;
  }

  #let(): Node {
    this.tokens.advance();
    const name = this.tokens.advance();
    this.tokens.expect('=');
    const value = this.expression(0);
    this.tokens.expect(';');
    return { type: 'let', name: String(name.value), value, body: this.sequence() };
  }

  #if(): Node {
    this.tokens.advance();
    const condition = this.expression(0);
    const block = (): Node => {
      this.tokens.expect('{');
      const body = this.sequence();
      this.tokens.expect('}');
      return body;
    };
    const yes = block();
    if (!this.tokens.isName('else')) throw this.tokens.unexpected('"else" is expected');
    this.tokens.advance();
    return { type: 'choice', condition, yes, no: this.tokens.isName('if') ? this.#if() : block() };
  }
}

function binary(operator: string, left: Node, right: Node): Node {
  if (operator === 'and' || operator === '&&') return { type: 'logic', operator: 'and', left, right };
  if (operator === 'or' || operator === '||') return { type: 'logic', operator: 'or', left, right };
  if (operator === '??') return { type: 'logic', operator: '??', left, right };
  return { type: 'binary', operator: operator === '^' ? '**' : operator, left, right };
}
