import { type CharTest, perlClass, posixClass, rangeTest, unicodeClass, unionTest } from './char-class.js';
import { PatternError } from './pattern.errors.js';

const CONTROL: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

/** What stands after a backslash: a class or one code point, and where the pattern goes on. */
export interface Escape {
  test?: CharTest;
  code?: number;
  end: number;
}

/** Reads the escape at `at`, where the backslash stands. @throws PatternError */
export function parseEscape(pattern: string, at: number): Escape {
  const letter = pattern[at + 1];
  if (letter === undefined) throw new PatternError('trailing backslash at end of expression', '');
  const perl = perlClass(letter);
  if (perl) return { test: perl, end: at + 2 };
  if (letter === 'p' || letter === 'P') {
    const match = /^(?:\{([^}]*)\}|(\p{L}))/u.exec(pattern.slice(at + 2));
    if (!match) throw new PatternError('invalid character class range', pattern.slice(at, at + 3));
    const end = at + 2 + match[0].length;
    return { test: unicodeClass(match[1] ?? match[2]!, letter === 'P', pattern.slice(at, end)), end };
  }
  const rest = pattern.slice(at + 1, at + 14);
  const hex = /^x(?:\{([0-9a-fA-F]{1,8})\}|([0-9a-fA-F]{2}))/.exec(rest);
  if (hex) {
    const code = Number.parseInt(hex[1] ?? hex[2]!, 16);
    if (code <= 0x10ffff) return { code, end: at + 1 + hex[0].length };
  }
  const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest);
  if (octal) return { code: Number.parseInt(octal[0], 8), end: at + 1 + octal[0].length };
  if (CONTROL[letter] !== undefined) return { code: CONTROL[letter], end: at + 2 };
  const code = pattern.codePointAt(at + 1)!;
  if (code < 0x80 && !/[0-9A-Za-z]/.test(letter)) return { code, end: at + 2 };
  throw new PatternError('invalid escape sequence', `\\${String.fromCodePoint(code)}`);
}

/** Reads `[…]` at `at`; the end is behind the bracket. @throws PatternError */
export function parseClass(pattern: string, at: number, ignoreCase: boolean): { test: CharTest; end: number } {
  const negated = pattern[at + 1] === '^';
  const tests: CharTest[] = [];
  let pos = at + (negated ? 2 : 1);
  for (let first = true; pattern[pos] !== ']' || first; first = false) {
    if (pos >= pattern.length) throw new PatternError('missing closing ]', pattern.slice(at));
    const posix = /^\[:(\^?[a-z]+):\]/.exec(pattern.slice(pos, pos + 20));
    if (posix) {
      tests.push(posixClass(posix[1]!));
      pos += posix[0].length;
      continue;
    }
    const low = parseMember(pattern, pos);
    pos = low.end;
    if (low.test) {
      tests.push(low.test);
      continue;
    }
    let high = low.code!;
    if (pattern[pos] === '-' && pattern[pos + 1] !== ']' && pos + 1 < pattern.length) {
      const upper = parseMember(pattern, pos + 1);
      if (upper.code === undefined || upper.code < high)
        throw new PatternError('invalid character class range', pattern.slice(low.start, upper.end));
      high = upper.code;
      pos = upper.end;
    }
    tests.push(rangeTest(low.code!, high));
  }
  return { test: unionTest(tests, negated, ignoreCase), end: pos + 1 };
}

function parseMember(pattern: string, at: number): Escape & { start: number } {
  if (pattern[at] === '\\') return { ...parseEscape(pattern, at), start: at };
  const code = pattern.codePointAt(at);
  if (code === undefined) throw new PatternError('missing closing ]', pattern.slice(at));
  return { code, end: at + String.fromCodePoint(code).length, start: at };
}
