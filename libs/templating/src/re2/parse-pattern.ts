import { rangeTest, unionTest } from './char-class.js';
import { parseClass, parseEscape } from './parse-class.js';
import { PatternError } from './pattern.errors.js';
import type { AssertKind, PatternNode } from './syntax.js';

/** Counted repetitions beyond it are refused, as RE2 does. */
const MAX_REPEAT = 1000;
const MAX_DEPTH = 250;

export interface ParsedPattern {
  node: PatternNode;
  /** Names of the groups by index; '' where there is none. */
  names: string[];
}

interface Flags {
  ignoreCase: boolean;
  multiLine: boolean;
  dotAll: boolean;
  ungreedy: boolean;
}

/** @throws PatternError for what RE2 refuses: look-around and back references among it */
export function parsePattern(pattern: string): ParsedPattern {
  const parser = new PatternParser(pattern);
  return { node: parser.whole(), names: parser.names };
}

class PatternParser {
  readonly names: string[] = [''];
  readonly #pattern: string;
  #pos = 0;
  #depth = 0;
  #flags: Flags = { ignoreCase: false, multiLine: false, dotAll: false, ungreedy: false };

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  whole(): PatternNode {
    const node = this.#alternatives();
    if (this.#pos < this.#pattern.length) throw new PatternError('unexpected )', this.#pattern);
    return node;
  }

  #alternatives(): PatternNode {
    if (++this.#depth > MAX_DEPTH) throw new PatternError('expression nests too deeply', this.#pattern.slice(0, 40));
    const items = [this.#sequence()];
    while (this.#pattern[this.#pos] === '|') {
      this.#pos++;
      items.push(this.#sequence());
    }
    this.#depth--;
    return items.length === 1 ? items[0]! : { type: 'alternatives', items };
  }

  #sequence(): PatternNode {
    const items: PatternNode[] = [];
    while (this.#pos < this.#pattern.length && !'|)'.includes(this.#pattern[this.#pos]!)) {
      if (this.#pattern.startsWith('\\Q', this.#pos)) {
        items.push(...this.#literals());
        continue;
      }
      const item = this.#atom();
      if (item) items.push(this.#repeated(item));
    }
    return items.length === 1 ? items[0]! : { type: 'sequence', items };
  }

  /** `\Q…\E`; only its last character can be repeated. */
  #literals(): PatternNode[] {
    const end = this.#pattern.indexOf('\\E', this.#pos);
    const text = this.#pattern.slice(this.#pos + 2, end < 0 ? undefined : end);
    this.#pos = end < 0 ? this.#pattern.length : end + 2;
    const items = [...text].map((char) => this.#char(char.codePointAt(0)!));
    const last = items.pop();
    return last ? [...items, this.#repeated(last)] : [];
  }

  #repeated(atom: PatternNode): PatternNode {
    let item = atom;
    for (let previous = ''; ; ) {
      const start = this.#pos;
      const match = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/.exec(this.#pattern.slice(start, start + 24));
      if (!match) return item;
      const [operator, low, comma, high] = match;
      const lazy = this.#pattern[start + operator.length] === '?';
      this.#pos = start + operator.length + (lazy ? 1 : 0);
      const whole = this.#pattern.slice(start, this.#pos);
      if (previous !== '') throw new PatternError('invalid nested repetition operator', previous + whole);
      previous = whole;
      const min = low === undefined ? (operator === '+' ? 1 : 0) : Number(low);
      const max = low === undefined ? (operator === '?' ? 1 : Infinity) : comma === undefined ? min : high ? Number(high) : Infinity;
      if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Infinity) || max < min) throw new PatternError('invalid repeat count', operator);
      item = { type: 'repeat', item, min, max, greedy: lazy === this.#flags.ungreedy };
    }
  }

  #atom(): PatternNode | undefined {
    const char = this.#pattern[this.#pos]!;
    switch (char) {
      case '(':
        return this.#group();
      case '[': {
        const { test, end } = parseClass(this.#pattern, this.#pos, this.#flags.ignoreCase);
        this.#pos = end;
        return { type: 'char', test };
      }
      case '.':
        this.#pos++;
        return { type: 'char', test: this.#flags.dotAll ? () => true : (code) => code !== 10 };
      case '^':
        return this.#assert(this.#flags.multiLine ? 'lineStart' : 'textStart', 1);
      case '$':
        return this.#assert(this.#flags.multiLine ? 'lineEnd' : 'textEnd', 1);
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        throw new PatternError('missing argument to repetition operator', char);
    }
    const code = this.#pattern.codePointAt(this.#pos)!;
    this.#pos += String.fromCodePoint(code).length;
    return this.#char(code);
  }

  #char(code: number): PatternNode {
    const test = rangeTest(code, code);
    return { type: 'char', test: this.#flags.ignoreCase ? unionTest([test], false, true) : test };
  }

  #assert(kind: AssertKind, length: number): PatternNode {
    this.#pos += length;
    return { type: 'assert', kind };
  }

  #escape(): PatternNode {
    switch (this.#pattern[this.#pos + 1]) {
      case 'A':
        return this.#assert('textStart', 2);
      case 'z':
        return this.#assert('textEnd', 2);
      case 'b':
        return this.#assert('wordBoundary', 2);
      case 'B':
        return this.#assert('noWordBoundary', 2);
    }
    const { test, code, end } = parseEscape(this.#pattern, this.#pos);
    this.#pos = end;
    if (!test) return this.#char(code!);
    return { type: 'char', test: this.#flags.ignoreCase ? unionTest([test], false, true) : test };
  }

  /** A group; undefined for one that only sets flags. */
  #group(): PatternNode | undefined {
    const start = this.#pos;
    const rest = this.#pattern.slice(start);
    const outer = this.#flags;
    let name: string | undefined = '';
    if (rest.startsWith('(?')) {
      const named = /^\(\?P?<(\w+)>/.exec(rest);
      const flagged = /^\(\?([imsU]*)(?:-([imsU]+))?([:)])/.exec(rest);
      if (!named && !flagged) throw new PatternError('invalid or unsupported Perl syntax', rest.slice(0, rest.startsWith('(?<') ? 4 : 3));
      this.#pos += (named ?? flagged)![0].length;
      name = named?.[1];
      if (name !== undefined && this.names.includes(name)) throw new PatternError('duplicate capture group name', name);
      if (flagged) this.#flags = withFlags(outer, flagged[1]!, flagged[2] ?? '');
      // Flags without a group of their own last to the end of the group around.
      if (flagged?.[3] === ')') return undefined;
    } else this.#pos++;
    const index = name === undefined ? 0 : this.names.push(name) - 1;
    const item = this.#alternatives();
    if (this.#pattern[this.#pos] !== ')') throw new PatternError('missing closing )', this.#pattern);
    this.#pos++;
    this.#flags = outer;
    return index > 0 ? { type: 'capture', item, index } : item;
  }
}

function withFlags(flags: Flags, on: string, off: string): Flags {
  const set = (letter: string, current: boolean) => (on.includes(letter) ? true : off.includes(letter) ? false : current);
  return {
    ignoreCase: set('i', flags.ignoreCase),
    multiLine: set('m', flags.multiLine),
    dotAll: set('s', flags.dotAll),
    ungreedy: set('U', flags.ungreedy),
  };
}
