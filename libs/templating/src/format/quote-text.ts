const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};
/** What Go's strconv.IsPrint calls printable: letters, marks, numbers, punctuation, symbols, and the ASCII space. */
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;
const PLAIN_ASCII = /^[ !#-[\]-~]*$/;

/** A text as Go's strconv.Quote writes it. */
export function quoteText(text: string, quote = '"', asciiOnly = false): string {
  if (quote === '"' && PLAIN_ASCII.test(text)) return `"${text}"`;
  let quoted = '';
  for (const char of text) {
    if (char === quote) quoted += `\\${char}`;
    else if (ESCAPES[char]) quoted += ESCAPES[char];
    else if (!UNPRINTABLE.test(char) && (!asciiOnly || char < '\x7f')) quoted += char;
    else quoted += escapeCode(char.codePointAt(0)!);
  }
  return quote + quoted + quote;
}

function escapeCode(code: number): string {
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
