const ESCAPE = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|[^\n])/gu;
const PLAIN: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/**
 * The text of a Go string or character literal with its quotes; undefined when an escape is not Go's. Bytes of
 * `\xNN` and octal escapes that follow each other are read as UTF-8.
 */
export function unquote(literal: string): string | undefined {
  const quote = literal[0]!;
  const body = literal.slice(1, -1);
  if (quote === '`') return body.replaceAll('\r', '');
  let valid = true;
  const bytes: number[] = [];
  let text = '';
  let at = 0;
  const flush = () => {
    if (bytes.length > 0) text += Buffer.from(bytes.splice(0)).toString('utf8');
  };
  for (const match of body.matchAll(ESCAPE)) {
    if (match.index > at) flush();
    text += body.slice(at, match.index);
    at = match.index + match[0].length;
    const read = readEscape(match[0], quote);
    if (typeof read === 'number') bytes.push(read);
    else {
      flush();
      if (read === undefined) valid = false;
      else text += read;
    }
  }
  flush();
  return valid ? text + body.slice(at) : undefined;
}

/** A byte for `\xNN` and octal, a text for the rest. */
function readEscape(sequence: string, quote: string): string | number | undefined {
  const kind = sequence[1]!;
  if (sequence.length > 2 && kind === 'x') return Number.parseInt(sequence.slice(2), 16);
  if (sequence.length === 4 && /[0-7]/.test(kind)) {
    const byte = Number.parseInt(sequence.slice(1), 8);
    return byte > 255 ? undefined : byte;
  }
  if (sequence.length > 2 && (kind === 'u' || kind === 'U')) {
    const code = Number.parseInt(sequence.slice(2), 16);
    return code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? undefined : String.fromCodePoint(code);
  }
  return kind === quote ? quote : PLAIN[kind];
}
