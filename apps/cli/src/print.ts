import { InvalidInputError } from '@flotilla/kernel';
import { writeYaml } from '@flotilla/yaml';

export const FORMATS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type Format = (typeof FORMATS)[number];

/** A column of a table; `wide` ones show with `-o wide` only. */
export interface Column<T> {
  name: string;
  value(row: T): unknown;
  wide?: boolean;
}

export function parseFormat(text: string): Format {
  const format = FORMATS.find((known) => known === text);
  if (!format) throw new InvalidInputError(`-o ${text}: choose one of ${FORMATS.join(', ')}`);
  return format;
}

/** Rows in one of the formats; `nameOf` is what `-o name` prints. */
export function print<T>(rows: readonly T[], columns: readonly Column<T>[], format: Format, nameOf: (row: T) => string): string {
  switch (format) {
    case 'json':
      return JSON.stringify(rows, null, 2);
    case 'yaml':
      return rows
        .map((row) => writeYaml(row))
        .join('---\n')
        .replace(/\n$/, '');
    case 'name':
      return rows.map(nameOf).join('\n');
    default:
      return table(rows, format === 'wide' ? columns : columns.filter(({ wide }) => !wide));
  }
}

function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cells = [columns.map(({ name }) => name), ...rows.map((row) => columns.map(({ value }) => cell(value(row))))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
  return cells
    .map((line) =>
      line
        .map((text, i) => (i === line.length - 1 ? text : text.padEnd(widths[i]! + 3)))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

function cell(value: unknown): string {
  if (value === undefined || value === null || value === '') return '-';
  return oneLine(String(value));
}

/** A text of somebody else on one line of a terminal, which must not obey it. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ');

/** Characters of one value that a table shows; JSON has all of it. */
const MAX_SHOWN = 120;

export function clip(text: string): string {
  const signs = text.length > MAX_SHOWN ? [...text.slice(0, 2 * MAX_SHOWN)] : [];
  return signs.length > MAX_SHOWN ? `${signs.slice(0, MAX_SHOWN - 1).join('')}…` : text;
}

/** How long ago, as kubectl writes it: `5s`, `3m`, `2h`, `4d`. */
export function ago(at: string | undefined, now: number): string {
  if (!at) return '';
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
