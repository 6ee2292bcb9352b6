import { type CommandNode, nodeText, type OperandNode, type PipeNode, type VariableNode } from './nodes.js';
import { readNumber } from './number-literal.js';
import type { TokenStream } from './token-stream.js';
import { unquote } from './unquote.js';

/** Nesting of parentheses in one pipeline, and of blocks in one template. */
export const MAX_NESTING = 250;

/** Reads pipelines: `$x := .a | f (g .b)`. Source of the grammar: Go's text/template/parse/parse.go. */
export class PipelineParser {
  /** The variables in scope, `$` first. */
  variables: string[] = ['$'];
  readonly #tokens: TokenStream;
  readonly #hasFunction: (name: string) => boolean;
  #depth = 0;

  constructor(tokens: TokenStream, hasFunction: (name: string) => boolean) {
    this.#tokens = tokens;
    this.#hasFunction = hasFunction;
  }

  pipeline(context: string, end: 'rightDelim' | 'rightParen'): PipeNode {
    const pipe: PipeNode = { type: 'pipe', pos: this.#tokens.peekNonSpace().pos, isAssign: false, declared: [], commands: [] };
    this.#declarations(pipe, context);
    for (;;) {
      const token = this.#tokens.nextNonSpace();
      if (token.type === end) break;
      if (!STARTS_OPERAND.has(token.type) && !(token.type === 'keyword' && token.value === 'nil')) this.#tokens.unexpected(token, context);
      this.#tokens.back();
      pipe.commands.push(this.#command());
    }
    this.#check(pipe, context);
    return pipe;
  }

  #check(pipe: PipeNode, context: string): void {
    if (pipe.commands.length === 0) this.#tokens.fail(`missing value for ${context}`);
    pipe.commands.slice(1).forEach(({ args }, i) => {
      if (['bool', 'dot', 'nil', 'number', 'string'].includes(args[0]!.type)) {
        this.#tokens.fail(`non executable command in pipeline stage ${i + 2}`);
      }
    });
  }

  #declarations(pipe: PipeNode, context: string): void {
    for (;;) {
      const variable = this.#tokens.peekNonSpace();
      if (variable.type !== 'variable') return;
      this.#tokens.next();
      const spaced = this.#tokens.peek().type === 'space';
      const next = this.#tokens.peekNonSpace();
      const separates = next.type === 'char' && next.value === ',';
      if (next.type !== 'assign' && next.type !== 'declare' && !separates) {
        // Peeking over a space has taken it; the variable and the space are given back.
        this.#tokens.back(spaced ? 2 : 1);
        return;
      }
      this.#tokens.nextNonSpace();
      pipe.declared.push({ type: 'variable', pos: variable.pos, names: variable.value.split('.') });
      this.variables.push(variable.value);
      pipe.isAssign = next.type === 'assign';
      if (!separates) return;
      if (context !== 'range' || pipe.declared.length > 1) this.#tokens.fail(`too many declarations in ${context}`);
      if (!['variable', 'rightDelim', 'rightParen'].includes(this.#tokens.peekNonSpace().type)) {
        this.#tokens.fail('range can only initialize variables');
      }
    }
  }

  #command(): CommandNode {
    const command: CommandNode = { type: 'command', pos: this.#tokens.peekNonSpace().pos, args: [] };
    for (;;) {
      this.#tokens.peekNonSpace();
      const operand = this.#operand();
      if (operand) command.args.push(operand);
      const token = this.#tokens.next();
      if (token.type === 'space') continue;
      if (token.type === 'rightDelim' || token.type === 'rightParen') this.#tokens.back();
      else if (token.type !== 'pipe') this.#tokens.unexpected(token, 'operand');
      break;
    }
    return command.args.length > 0 ? command : this.#tokens.fail('empty command');
  }

  #operand(): OperandNode | undefined {
    const node = this.#term();
    if (!node || this.#tokens.peek().type !== 'field') return node;
    const { pos } = this.#tokens.peek();
    const names: string[] = [];
    while (this.#tokens.peek().type === 'field') names.push(this.#tokens.next().value.slice(1));
    switch (node.type) {
      case 'field':
      case 'variable':
        return { ...node, pos, names: [...node.names, ...names] };
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        return this.#tokens.fail(`unexpected . after term ${JSON.stringify(nodeText(node))}`);
      default:
        return { type: 'chain', pos, operand: node, names };
    }
  }

  #term(): OperandNode | undefined {
    const { type, value, pos } = this.#tokens.nextNonSpace();
    switch (type) {
      case 'identifier':
        return this.#hasFunction(value)
          ? { type: 'identifier', pos, name: value }
          : this.#tokens.fail(`function ${JSON.stringify(value)} not defined`);
      case 'dot':
        return { type: 'dot', pos };
      case 'field':
        return { type: 'field', pos, names: [value.slice(1)] };
      case 'bool':
        return { type: 'bool', pos, value: value === 'true' };
      case 'variable':
        return this.#variable(pos, value);
      case 'rune':
      case 'number':
        return readNumber(pos, value) ?? this.#tokens.fail(numberProblem(value));
      case 'string':
      case 'rawString':
        return { type: 'string', pos, quoted: value, text: this.text(value) };
      case 'leftParen':
        return this.#parenthesized();
      case 'keyword':
        if (value === 'nil') return { type: 'nil', pos };
    }
    this.#tokens.back();
    return undefined;
  }

  /** The text of a quoted literal. */
  text(literal: string): string {
    return unquote(literal) ?? this.#tokens.fail('invalid syntax');
  }

  #variable(pos: number, name: string): VariableNode {
    if (!this.variables.includes(name)) this.#tokens.fail(`undefined variable ${JSON.stringify(name)}`);
    return { type: 'variable', pos, names: [name] };
  }

  #parenthesized(): PipeNode {
    if (this.#depth >= MAX_NESTING) this.#tokens.fail('max expression depth exceeded');
    this.#depth++;
    const pipe = this.pipeline('parenthesized pipeline', 'rightParen');
    this.#depth--;
    return pipe;
  }
}

function numberProblem(text: string): string {
  if (text === "''") return 'invalid syntax';
  if (text.startsWith("'")) return `malformed character constant: ${text}`;
  return /^[+-]?\d+$/.test(text) ? `integer overflow: ${JSON.stringify(text)}` : `illegal number syntax: ${JSON.stringify(text)}`;
}

const STARTS_OPERAND = new Set(['bool', 'rune', 'dot', 'field', 'identifier', 'number', 'rawString', 'string', 'variable', 'leftParen']);
