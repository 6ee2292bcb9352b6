import { TemplateError } from '../template.errors.js';
import { lexTemplate, type Token } from './lexer.js';

/** A cursor over the tokens of one template; its errors are worded and placed as Go's. */
export class TokenStream {
  readonly template: string;
  /** Line of the action being read; 0 outside. */
  actionLine = 0;
  readonly #tokens: readonly Token[];
  #at = 0;
  /** Tokens looked at so far: an error stands at the last of them. */
  #furthest = 0;

  constructor(template: string, source: string) {
    this.template = template;
    this.#tokens = lexTemplate(source);
  }

  next(): Token {
    const token = this.peek();
    this.#at++;
    return token;
  }

  peek(): Token {
    this.#furthest = Math.max(this.#furthest, this.#at);
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)]!;
  }

  back(count = 1): void {
    this.#at -= count;
  }

  nextNonSpace(): Token {
    let token = this.next();
    while (token.type === 'space') token = this.next();
    return token;
  }

  peekNonSpace(): Token {
    const token = this.nextNonSpace();
    this.back();
    return token;
  }

  expect(type: Token['type'], context: string): Token {
    const token = this.nextNonSpace();
    return token.type === type ? token : this.unexpected(token, context);
  }

  unexpected(token: Token, context: string): never {
    if (token.type !== 'error') return this.fail(`unexpected ${tokenText(token)} in ${context}`);
    const elsewhere = this.actionLine !== 0 && this.actionLine !== token.line;
    const started = elsewhere ? ` in action started at ${this.template}:${this.actionLine}` : '';
    return this.fail(token.value + (token.value.endsWith(' action') ? started.slice(' in action'.length) : started));
  }

  fail(message: string): never {
    const { line } = this.#tokens[Math.min(this.#furthest, this.#tokens.length - 1)]!;
    throw new TemplateError(`template: ${this.template}:${line}: ${message}`, {}, { template: this.template, line });
  }
}

function tokenText(token: Token): string {
  if (token.type === 'eof') return 'EOF';
  if (token.type === 'keyword' || token.type === 'dot') return `<${token.value}>`;
  const { value } = token;
  return value.length > 10 ? `${JSON.stringify(value.slice(0, 10))}...` : JSON.stringify(value);
}
