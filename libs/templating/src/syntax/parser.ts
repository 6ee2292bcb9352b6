import type { BranchNode, JumpNode, ListNode, StatementNode, TemplateNode } from './nodes.js';
import { MAX_NESTING, PipelineParser } from './pipeline-parser.js';
import { TokenStream } from './token-stream.js';

/** A parsed text: its own statements under its name, and everything it defines. */
export type TemplateSet = ReadonlyMap<string, ListNode>;

/**
 * Reads a template and the templates it defines.
 * @throws TemplateError with the line
 */
export function parseTemplate(name: string, source: string, hasFunction: (name: string) => boolean): TemplateSet {
  const tokens = new TokenStream(name, source);
  const parser = new Parser(tokens, new PipelineParser(tokens, hasFunction));
  parser.add(name, parser.main());
  return parser.templates;
}

type Ending = { end: 'end' } | { end: 'else'; chained?: string };
type Item = { node: StatementNode } | Ending;

class Parser {
  readonly templates = new Map<string, ListNode>();
  readonly #tokens: TokenStream;
  readonly #pipes: PipelineParser;
  #ranges = 0;
  #depth = 0;

  constructor(tokens: TokenStream, pipes: PipelineParser) {
    this.#tokens = tokens;
    this.#pipes = pipes;
  }

  main(): ListNode {
    const list: ListNode = { type: 'list', pos: this.#tokens.peek().pos, nodes: [] };
    while (this.#tokens.peek().type !== 'eof') {
      if (this.#definition()) continue;
      const item = this.#item();
      if ('end' in item) this.#tokens.fail(`unexpected {{${item.end}}}`);
      else list.nodes.push(item.node);
    }
    return list;
  }

  /** The later of two definitions of a name wins only over an empty one. */
  add(name: string, list: ListNode): void {
    const known = this.templates.get(name);
    if (!known || isEmpty(known)) this.templates.set(name, list);
    else if (!isEmpty(list)) this.#tokens.fail(`template: multiple definition of template ${JSON.stringify(name)}`);
  }

  #definition(): boolean {
    if (this.#tokens.peek().type !== 'leftDelim') return false;
    this.#tokens.next();
    const spaced = this.#tokens.peek().type === 'space';
    const token = this.#tokens.nextNonSpace();
    if (token.type !== 'keyword' || token.value !== 'define') {
      this.#tokens.back(spaced ? 3 : 2);
      return false;
    }
    const name = this.#name('define clause');
    this.#tokens.expect('rightDelim', 'define clause');
    this.add(name, this.#body('define clause'));
    return true;
  }

  #name(context: string): string {
    const token = this.#tokens.nextNonSpace();
    if (token.type !== 'string' && token.type !== 'rawString') return this.#tokens.unexpected(token, context);
    return this.#pipes.text(token.value);
  }

  /** The statements of a define or block, which sees no variables and no loop around it. */
  #body(context: string): ListNode {
    const { variables } = this.#pipes;
    const ranges = this.#ranges;
    this.#pipes.variables = ['$'];
    this.#ranges = 0;
    const { list, ending } = this.#list();
    if (ending.end !== 'end') this.#tokens.fail(`unexpected {{else}} in ${context}`);
    this.#pipes.variables = variables;
    this.#ranges = ranges;
    return list;
  }

  #list(): { list: ListNode; ending: Ending } {
    if (++this.#depth > MAX_NESTING) this.#tokens.fail(`blocks nested deeper than ${MAX_NESTING}`);
    const list: ListNode = { type: 'list', pos: this.#tokens.peekNonSpace().pos, nodes: [] };
    while (this.#tokens.peekNonSpace().type !== 'eof') {
      const item = this.#item();
      if ('end' in item) {
        this.#depth--;
        return { list, ending: item };
      }
      list.nodes.push(item.node);
    }
    return this.#tokens.fail('unexpected EOF');
  }

  #item(): Item {
    const token = this.#tokens.nextNonSpace();
    if (token.type === 'text') return { node: { type: 'text', pos: token.pos, text: token.value } };
    if (token.type !== 'leftDelim') return this.#tokens.unexpected(token, 'input');
    this.#tokens.actionLine = token.line;
    const item = this.#action();
    this.#tokens.actionLine = 0;
    return item;
  }

  #action(): Item {
    const token = this.#tokens.nextNonSpace();
    switch (token.type === 'keyword' ? token.value : '') {
      case 'if':
      case 'range':
      case 'with':
        return { node: this.#branch(token.value as BranchNode['type']) };
      case 'end':
        this.#tokens.expect('rightDelim', 'end');
        return { end: 'end' };
      case 'else':
        return this.#else();
      case 'template':
        return { node: this.#template() };
      case 'block':
        return { node: this.#block() };
      case 'break':
      case 'continue':
        return { node: this.#jump(token.value as JumpNode['type'], token.pos) };
    }
    this.#tokens.back();
    const { pos } = this.#tokens.peek();
    return { node: { type: 'action', pos, pipe: this.#pipes.pipeline('command', 'rightDelim') } };
  }

  #else(): Ending {
    const next = this.#tokens.peekNonSpace();
    if (next.type === 'keyword' && (next.value === 'if' || next.value === 'with')) return { end: 'else', chained: next.value };
    this.#tokens.expect('rightDelim', 'else');
    return { end: 'else' };
  }

  #branch(type: BranchNode['type']): BranchNode {
    const scope = this.#pipes.variables.length;
    const pipe = this.#pipes.pipeline(type, 'rightDelim');
    if (type === 'range') this.#ranges++;
    const { list, ending } = this.#list();
    if (type === 'range') this.#ranges--;
    const otherwise = ending.end === 'else' ? this.#otherwise(type, ending.chained) : undefined;
    this.#pipes.variables.length = scope;
    return { type, pos: pipe.pos, pipe, list, otherwise };
  }

  #otherwise(type: BranchNode['type'], chained: string | undefined): ListNode {
    if (chained === type && chained !== 'range') {
      const { pos } = this.#tokens.nextNonSpace();
      if (++this.#depth > MAX_NESTING) this.#tokens.fail(`blocks nested deeper than ${MAX_NESTING}`);
      const nodes = [this.#branch(type)];
      this.#depth--;
      return { type: 'list', pos, nodes };
    }
    const { list, ending } = this.#list();
    if (ending.end !== 'end') this.#tokens.fail('expected end; found {{else}}');
    return list;
  }

  #template(): TemplateNode {
    const { pos } = this.#tokens.peekNonSpace();
    const name = this.#name('template clause');
    if (this.#tokens.nextNonSpace().type === 'rightDelim') return { type: 'template', pos, name };
    this.#tokens.back();
    return { type: 'template', pos, name, pipe: this.#pipes.pipeline('template clause', 'rightDelim') };
  }

  #block(): TemplateNode {
    const { pos } = this.#tokens.peekNonSpace();
    const name = this.#name('block clause');
    const pipe = this.#pipes.pipeline('block clause', 'rightDelim');
    this.add(name, this.#body('block clause'));
    return { type: 'template', pos, name, pipe };
  }

  #jump(type: JumpNode['type'], pos: number): JumpNode {
    const token = this.#tokens.nextNonSpace();
    if (token.type !== 'rightDelim') this.#tokens.unexpected(token, `{{${type}}}`);
    if (this.#ranges === 0) this.#tokens.fail(`{{${type}}} outside {{range}}`);
    return { type, pos };
  }
}

function isEmpty(list: ListNode): boolean {
  return list.nodes.every((node) => node.type === 'text' && node.text.trim() === '');
}
