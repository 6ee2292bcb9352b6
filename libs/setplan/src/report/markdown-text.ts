/** Longest text shown of one value. */
const MAX_SHOWN = 160;

/**
 * A text of somebody else as a code span, inside which GitHub reads neither HTML nor links nor mentions. In a table a pipe is
 * escaped, and kept apart from a backslash before it, which would undo that.
 */
export function codeSpan(text: string, { inTable = false }: { inTable?: boolean } = {}): string {
  const flat = clip(flatten(text));
  if (flat === '') return '(empty)';
  const longest = Math.max(0, ...[...flat.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = /^[` ]|[` ]$/.test(flat) ? ' ' : '';
  const body = inTable ? flat.replace(/\\(?=\|)/g, '\\ ').replaceAll('|', '\\|') : flat;
  return `${fence}${pad}${body}${pad}${fence}`;
}

/** The same for the one line of HTML that folds a section. */
export function htmlCode(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };
  return `<code>${clip(flatten(text)).replace(/[&<>"'`]/g, (sign) => entities[sign]!)}</code>`;
}

/** A block whose fence is longer than any run of backticks in it. */
export function codeBlock(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.replace(/\n*$/, '\n')}${fence}`;
}

export function folded(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>\n`;
}

export const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`;

/** Control signs and signs that turn the direction of text are what must not get through. */
const flatten = (text: string): string => text.replace(/[\p{Cc}\p{Zs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();

function clip(text: string): string {
  const signs = [...text];
  return signs.length > MAX_SHOWN ? `${signs.slice(0, MAX_SHOWN - 1).join('')}…` : text;
}
