import { defineFunction, type FunctionTable } from '../../execute/define-function.js';
import { camelCase, connectedCase } from './word-case.js';

const SPACE = /\p{White_Space}/u;
/** Go changes the case rune by rune: `ß` has no capital of one rune and stays. */
const byRune = (text: string, change: (char: string) => string): string => {
  const changed = change(text);
  if (changed.length === text.length) return changed;
  return Array.from(text, (char) => (change(char).length === char.length ? change(char) : char)).join('');
};
const toUpper = (text: string): string => byRune(text, (part) => part.toUpperCase());
const toLower = (text: string): string => byRune(text, (part) => part.toLowerCase());

/** The first rune of every word by `change`; words are what white space parts. */
function mapInitials(text: string, change: (char: string) => string): string {
  let atStart = true;
  return [...text]
    .map((char) => {
      if (SPACE.test(char)) atStart = true;
      else if (atStart) {
        atStart = false;
        return change(char);
      }
      return char;
    })
    .join('');
}

/** Go's strings.Title: a letter after anything that is no letter, digit, underscore or unspaced mark. */
function title(text: string): string {
  let previous = ' ';
  return [...text]
    .map((char) => {
      const starts = /[\0-\x7f]/.test(previous) ? !/[A-Za-z0-9_]/.test(previous) : SPACE.test(previous);
      previous = char;
      return starts ? toUpper(char) : char;
    })
    .join('');
}

function swapCase(text: string): string {
  return text.replace(/[\p{Lu}\p{Lt}]|\p{Ll}/gu, (char) => (/\p{Ll}/u.test(char) ? toUpper(char) : char.toLowerCase()));
}

function initials(text: string): string {
  return [...text].filter((char, i, all) => !SPACE.test(char) && (i === 0 || SPACE.test(all[i - 1]!))).join('');
}

/** goutils.AbbreviateFull, which sprig's abbrev and abbrevboth cut with. */
function abbreviate(text: string, offset: number, width: number): string {
  const bytes = Buffer.from(text);
  const part = (start: number, end?: number) => bytes.toString('utf8', start, end);
  if (text === '' || bytes.length <= width) return text;
  let start = Math.min(offset, bytes.length);
  if (bytes.length - start < width - 3) start = bytes.length - (width - 3);
  if (start <= 4) return `${part(0, width - 3)}...`;
  if (width < 7) return '';
  if (start + width - 3 < bytes.length) return `...${abbreviate(part(start), 0, width - 3)}`;
  return `...${part(bytes.length - (width - 3))}`;
}

/** goutils.WrapCustom: lines of at most `width` bytes, cut at spaces; long words are cut only where asked. */
function wrap(text: string, width: number, separator: string, wrapLongWords: boolean): string {
  const bytes = Buffer.from(text);
  const step = Math.max(width, 1);
  const lines: string[] = [];
  let offset = 0;
  while (bytes.length - offset > step) {
    if (bytes[offset] === 0x20) {
      offset++;
      continue;
    }
    const space = bytes.lastIndexOf(0x20, step + offset);
    const next = space >= offset ? -1 : bytes.indexOf(0x20, step + offset);
    if (space >= offset) {
      lines.push(bytes.toString('utf8', offset, space));
      offset = space + 1;
    } else if (wrapLongWords) {
      lines.push(bytes.toString('utf8', offset, offset + step));
      offset += step;
    } else if (next >= 0) {
      lines.push(bytes.toString('utf8', offset, next));
      offset = next + 1;
    } else break;
  }
  return [...lines, bytes.toString('utf8', offset)].join(separator === '' ? '\n' : separator);
}

export const wordFunctions: FunctionTable = {
  upper: defineFunction(['string'], (_, text) => toUpper(text)),
  lower: defineFunction(['string'], (_, text) => toLower(text)),
  title: defineFunction(['string'], (_, text) => title(text)),
  untitle: defineFunction(['string'], (_, text) => mapInitials(text, (char) => char.toLowerCase())),
  swapcase: defineFunction(['string'], (_, text) => swapCase(text)),
  initials: defineFunction(['string'], (_, text) => initials(text)),
  abbrev: defineFunction(['int', 'string'], (_, width, text) => (width < 4 ? text : abbreviate(text, 0, width))),
  abbrevboth: defineFunction(['int', 'int', 'string'], (_, left, right, text) =>
    right < 4 || (left > 0 && right < 7) ? text : abbreviate(text, left, right),
  ),
  snakecase: defineFunction(['string'], (_, text) => connectedCase(text, '_')),
  kebabcase: defineFunction(['string'], (_, text) => connectedCase(text, '-')),
  camelcase: defineFunction(['string'], (_, text) => camelCase(text)),
  wrap: defineFunction(['int', 'string'], (tools, width, text) => {
    tools.budget.text(text.length);
    return wrap(text, width, '', false);
  }),
  wrapWith: defineFunction(['int', 'string', 'string'], (tools, width, separator, text) => {
    tools.budget.text(text.length + separator.length * Math.ceil(text.length / Math.max(width, 1)));
    return wrap(text, width, separator, true);
  }),
};
