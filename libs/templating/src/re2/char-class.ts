import { PatternError } from './pattern.errors.js';

/** Whether a code point belongs to a class. */
export type CharTest = (code: number) => boolean;

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-/:-@[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};
const PERL: Readonly<Record<string, string>> = { d: '0-9', s: '\\t\\n\\f\\r ', w: '0-9A-Za-z_' };

function fromSource(source: string, negated: boolean): CharTest {
  const pattern = new RegExp(`^[${negated ? '^' : ''}${source}]$`, 'u');
  return (code) => pattern.test(String.fromCodePoint(code));
}

/** `\d`, `\S` and their like; undefined for other letters. */
export function perlClass(letter: string): CharTest | undefined {
  const source = PERL[letter.toLowerCase()];
  return source === undefined ? undefined : fromSource(source, letter !== letter.toLowerCase());
}

/** `[:alpha:]`, `[:^alpha:]`; the name comes without colons. @throws PatternError */
export function posixClass(name: string): CharTest {
  const negated = name.startsWith('^');
  const source = POSIX[negated ? name.slice(1) : name];
  if (source === undefined) throw new PatternError('invalid character class range', `[:${name}:]`);
  return fromSource(source, negated);
}

/** `\pL`, `\p{Greek}`, `\P{Lu}`. @throws PatternError for a name nobody knows */
export function unicodeClass(name: string, negated: boolean, source: string): CharTest {
  const isNegated = name.startsWith('^') !== negated;
  const plain = name.replace(/^\^/, '');
  for (const property of plain === 'Any' ? ['Any'] : [plain, `Script=${plain}`]) {
    if (!/^(Script=)?[A-Za-z_]+$/.test(property)) break;
    try {
      return fromSource(`\\p{${property}}`, isNegated);
    } catch {
      // Not a general category: it may be a script.
    }
  }
  throw new PatternError('invalid character class range', source);
}

export function rangeTest(low: number, high: number): CharTest {
  return (code) => code >= low && code <= high;
}

/** A test that any of several passes, or none when negated; answers for ASCII are kept. */
export function unionTest(tests: readonly CharTest[], negated: boolean, ignoreCase: boolean): CharTest {
  const belongs = (code: number): boolean => {
    const codes = ignoreCase ? caseVariants(code) : [code];
    return codes.some((variant) => tests.some((test) => test(variant))) !== negated;
  };
  const ascii = new Int8Array(128);
  return (code) => {
    if (code >= 128) return belongs(code);
    if (ascii[code] === 0) ascii[code] = belongs(code) ? 1 : -1;
    return ascii[code] === 1;
  };
}

function caseVariants(code: number): number[] {
  const char = String.fromCodePoint(code);
  const variants = [char, char.toLowerCase(), char.toUpperCase()].filter((text) => text.length === char.length);
  return [...new Set(variants.map((text) => text.codePointAt(0)!))];
}
