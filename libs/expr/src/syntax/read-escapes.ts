import { ExprError } from '../expr.errors.js';

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
  '`': '`',
  '?': '?',
};
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]))/g;

/** The text between quotes as expr-lang reads it. @throws ExprError for an escape it does not know */
export function readEscapes(inner: string, at: number): string {
  return inner.replace(ESCAPE, (whole, hex?: string, unicode?: string, long?: string, octal?: string, simple?: string) => {
    if (simple !== undefined) {
      if (Object.hasOwn(SIMPLE, simple)) return SIMPLE[simple]!;
      throw new ExprError(`${JSON.stringify(whole)} is no escape`, at);
    }
    const code = octal === undefined ? Number.parseInt(hex ?? unicode ?? long ?? '', 16) : Number.parseInt(octal, 8);
    if (code > 0x10ffff) throw new ExprError(`${JSON.stringify(whole)} is no character`, at);
    return String.fromCodePoint(code);
  });
}
