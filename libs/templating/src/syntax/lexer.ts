import { TemplateError } from '../template.errors.js';

export type TokenType =
  | 'text'
  | 'leftDelim'
  | 'rightDelim'
  | 'space'
  | 'assign'
  | 'declare'
  | 'pipe'
  | 'leftParen'
  | 'rightParen'
  | 'field'
  | 'variable'
  | 'identifier'
  | 'keyword'
  | 'bool'
  | 'dot'
  | 'char'
  | 'string'
  | 'rawString'
  | 'rune'
  | 'number'
  | 'eof'
  | 'error';

export interface Token {
  type: TokenType;
  /** Index in the source. */
  pos: number;
  value: string;
  line: number;
}

const KEYWORDS = new Set(['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'range', 'nil', 'template', 'with']);
const LETTER = /[\p{L}\p{Nd}_]/u;
const WORD = /[\p{L}\p{Nd}_]*/uy;
const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;
const QUOTED = /"(?:[^"\\\n]|\\[^\n])*"/uy;
const RUNE = /'(?:[^'\\\n]|\\[^\n])*'/uy;
const SIMPLE: Readonly<Record<string, TokenType>> = { '=': 'assign', '|': 'pipe', '(': 'leftParen', ')': 'rightParen' };

/** Cuts a template into tokens; the last one is `eof` or `error`. Source of the grammar: Go's text/template/parse/lex.go. */
export function lexTemplate(source: string): Token[] {
  const lexer = new Lexer(source);
  lexer.run();
  return lexer.tokens;
}

class Lexer {
  readonly tokens: Token[] = [];
  readonly #source: string;
  #pos = 0;
  #line = 1;
  #lineEnd = 0;
  #parens = 0;

  constructor(source: string) {
    this.#source = source;
  }

  run(): void {
    while (this.#text() && this.#action());
  }

  #emit(type: TokenType, pos: number, value: string): void {
    for (; this.#lineEnd < pos; this.#lineEnd++) if (this.#source.charCodeAt(this.#lineEnd) === 10) this.#line++;
    this.tokens.push({ type, pos, value, line: this.#line });
  }

  #fail(pos: number, message: string): false {
    this.#emit('error', pos, message);
    return false;
  }

  /** Text up to the next action; comments are passed over. False at the end of the source. */
  #text(): boolean {
    for (;;) {
      const open = this.#source.indexOf('{{', this.#pos);
      const trims = open >= 0 && /^-[ \t\r\n]/.test(this.#source.slice(open + 2, open + 4));
      const raw = this.#source.slice(this.#pos, open < 0 ? undefined : open);
      const text = trims ? trimRight(raw) : raw;
      if (text !== '') this.#emit('text', this.#pos, text);
      if (open < 0) {
        this.#emit('eof', this.#source.length, 'EOF');
        return false;
      }
      this.#pos = open + (trims ? 4 : 2);
      if (!this.#source.startsWith('/*', this.#pos)) {
        this.#emit('leftDelim', open, '{{');
        return true;
      }
      if (!this.#comment()) return false;
    }
  }

  #comment(): boolean {
    const start = this.#pos;
    const end = this.#source.indexOf('*/', start + 2);
    if (end < 0) return this.#fail(start, 'unclosed comment');
    const close = this.#rightDelimAt(end + 2);
    if (!close) return this.#fail(start, 'comment ends before closing delimiter');
    this.#closeAt(end + 2, close.trims);
    return true;
  }

  #rightDelimAt(pos: number): { trims: boolean } | undefined {
    if (this.#source.startsWith('}}', pos)) return { trims: false };
    return isSpace(this.#source[pos]) && this.#source.startsWith('-}}', pos + 1) ? { trims: true } : undefined;
  }

  #closeAt(pos: number, trims: boolean): void {
    this.#pos = pos + (trims ? 4 : 2);
    while (trims && isSpace(this.#source[this.#pos])) this.#pos++;
  }

  /** The tokens of one action with its right delimiter. False after an error. */
  #action(): boolean {
    this.#parens = 0;
    for (;;) {
      const close = this.#rightDelimAt(this.#pos);
      if (close) {
        if (this.#parens > 0) return this.#fail(this.#pos, 'unclosed left paren');
        this.#emit('rightDelim', this.#pos + (close.trims ? 2 : 0), '}}');
        this.#closeAt(this.#pos, close.trims);
        return true;
      }
      if (this.#pos >= this.#source.length) return this.#fail(this.#pos, 'unclosed action');
      if (!this.#one(this.#pos)) return false;
    }
  }

  #one(pos: number): boolean {
    const char = this.#source[pos]!;
    const next = this.#source[pos + 1] ?? '';
    if (isSpace(char)) return this.#spaces(pos);
    if (char === '(') this.#parens++;
    if (char === ')' && --this.#parens < 0) return this.#fail(pos, 'unexpected right paren');
    if (SIMPLE[char]) return this.#take(SIMPLE[char], 1);
    if (char === ':') return next === '=' ? this.#take('declare', 2) : this.#fail(pos, 'expected :=');
    if (char === '"') return this.#matched('string', QUOTED, 'unterminated quoted string');
    if (char === "'") return this.#matched('rune', RUNE, 'unterminated character constant');
    if (char === '`') {
      const end = this.#source.indexOf('`', pos + 1);
      return end < 0 ? this.#fail(pos, 'unterminated raw quoted string') : this.#take('rawString', end + 1 - pos);
    }
    if (char === '$' || (char === '.' && !/\d/.test(next))) return this.#name(char === '$' ? 'variable' : 'field');
    if (/[.+\-\d]/.test(char)) return this.#number(pos);
    const letter = String.fromCodePoint(this.#source.codePointAt(pos)!);
    if (LETTER.test(letter)) return this.#name('identifier');
    if (/[!-~]/.test(char)) return this.#take('char', 1);
    return this.#fail(pos, `unrecognized character in action: ${unicodeName(letter)}`);
  }

  #take(type: TokenType, length: number): true {
    this.#emit(type, this.#pos, this.#source.slice(this.#pos, this.#pos + length));
    this.#pos += length;
    return true;
  }

  /** A space before a trimming right delimiter belongs to the delimiter. */
  #spaces(start: number): true {
    let end = start;
    while (isSpace(this.#source[end])) end++;
    if (this.#source.startsWith('-}}', end)) end--;
    return end === start ? true : this.#take('space', end - start);
  }

  #matched(type: TokenType, pattern: RegExp, message: string): boolean {
    pattern.lastIndex = this.#pos;
    const match = pattern.exec(this.#source);
    return match ? this.#take(type, match[0].length) : this.#fail(this.#pos, message);
  }

  #number(pos: number): boolean {
    NUMBER.lastIndex = pos;
    const { length } = NUMBER.exec(this.#source)![0];
    const after = this.#source.codePointAt(pos + length);
    const bad = after !== undefined && (LETTER.test(String.fromCodePoint(after)) || '+-'.includes(String.fromCodePoint(after)));
    return bad
      ? this.#fail(pos, `bad number syntax: ${JSON.stringify(this.#source.slice(pos, pos + length + 1))}`)
      : this.#take('number', length);
  }

  #name(type: 'identifier' | 'field' | 'variable'): boolean {
    const start = this.#pos;
    WORD.lastIndex = start + (type === 'identifier' ? 0 : 1);
    const end = WORD.lastIndex + WORD.exec(this.#source)![0].length;
    const after = this.#source[end];
    if (after !== undefined && !' \t\r\n.,|:)('.includes(after) && !this.#source.startsWith('}}', end)) {
      return this.#fail(start, `bad character ${unicodeName(String.fromCodePoint(this.#source.codePointAt(end)!))}`);
    }
    const word = this.#source.slice(start, end);
    if (type === 'field' && word === '.') return this.#take('dot', 1);
    if (type !== 'identifier') return this.#take(type, word.length);
    if (word === 'true' || word === 'false') return this.#take('bool', word.length);
    return this.#take(KEYWORDS.has(word) ? 'keyword' : 'identifier', word.length);
  }
}

function isSpace(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\r' || char === '\n';
}

function trimRight(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text[end - 1])) end--;
  return text.slice(0, end);
}

function unicodeName(char: string): string {
  return `U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')} '${char}'`;
}

/** Longest source of one template. */
export const MAX_TEMPLATE_SOURCE = 1024 * 1024;

/** @throws TemplateError when the text is longer than MAX_TEMPLATE_SOURCE */
export function assertSourceLength(source: string, template: string): void {
  if (source.length <= MAX_TEMPLATE_SOURCE) return;
  const message = `template: ${template}: the text has ${source.length} characters; the limit is ${MAX_TEMPLATE_SOURCE}`;
  throw new TemplateError(message, {}, { template });
}
