import { MONTHS, WEEKDAYS } from './calendar.js';
import { GoTime } from './go-time.js';
import { layoutParts } from './layout.js';
import { fixedZone, UTC, type Zone } from './zone.js';

/** What the elements of a layout have told so far. */
interface Fields {
  year: number;
  month: number;
  day: number;
  yearDay?: number;
  hour: number;
  afternoon?: boolean;
  minute: number;
  second: number;
  nanos: bigint;
  zone?: Zone;
}

/** Reads one element at the start of the rest; the number of characters it took, undefined when it does not fit. */
type Reader = (rest: string, fields: Fields) => number | undefined;

const digits = (pattern: RegExp, take: (value: number, fields: Fields) => boolean): Reader => {
  return (rest, fields) => {
    const match = pattern.exec(rest);
    return match && take(Number(match[0].trim()), fields) ? match[0].length : undefined;
  };
};
const within = (name: 'month' | 'day' | 'hour' | 'minute' | 'second', low: number, high: number) => (value: number, fields: Fields) => {
  fields[name] = value;
  return value >= low && value <= high;
};
const named = (names: readonly string[], take: (index: number, fields: Fields) => void): Reader => {
  return (rest, fields) => {
    const index = names.findIndex((name) => rest.slice(0, name.length).toLowerCase() === name.toLowerCase());
    if (index < 0) return undefined;
    take(index, fields);
    return names[index]!.length;
  };
};
const half: Reader = (rest, fields) => {
  if (!/^[AP]M/i.test(rest)) return undefined;
  fields.afternoon = /^p/i.test(rest);
  return 2;
};
const year = (value: number, fields: Fields): boolean => {
  fields.year = value;
  return true;
};
const short = (names: readonly string[]): string[] => names.map((name) => name.slice(0, 3));
const setMonth = (index: number, fields: Fields): void => {
  fields.month = index + 1;
};

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['2006', digits(/^\d{4}/, year)],
  ['06', digits(/^\d{2}/, (value, fields) => year(value + (value >= 69 ? 1900 : 2000), fields))],
  ['January', named(MONTHS, setMonth)],
  ['Jan', named(short(MONTHS), setMonth)],
  ['01', digits(/^\d{2}/, within('month', 1, 12))],
  ['1', digits(/^\d{1,2}/, within('month', 1, 12))],
  ['Monday', named(WEEKDAYS, () => undefined)],
  ['Mon', named(short(WEEKDAYS), () => undefined)],
  ['02', digits(/^\d{2}/, within('day', 1, 31))],
  ['2', digits(/^\d{1,2}/, within('day', 1, 31))],
  ['_2', digits(/^ ?\d{1,2}/, within('day', 1, 31))],
  [
    '002',
    digits(/^\d{3}/, (value, fields) => {
      fields.yearDay = value;
      return value >= 1 && value <= 366;
    }),
  ],
  ['15', digits(/^\d{2}/, within('hour', 0, 23))],
  ['03', digits(/^\d{2}/, within('hour', 0, 12))],
  ['3', digits(/^\d{1,2}/, within('hour', 0, 12))],
  ['04', digits(/^\d{2}/, within('minute', 0, 59))],
  ['4', digits(/^\d{1,2}/, within('minute', 0, 59))],
  ['05', digits(/^\d{2}/, within('second', 0, 59))],
  ['5', digits(/^\d{1,2}/, within('second', 0, 59))],
  ['PM', half],
  ['pm', half],
  ['MST', readAbbreviation],
]);

/** Go's time.ParseInLocation with UTC for the location; undefined for a text that does not fit the layout. */
export function parseTime(layout: string, text: string): GoTime | undefined {
  const fields: Fields = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanos: 0n };
  let rest = text;
  const parts = layoutParts(layout);
  for (const [i, { text: part, isElement }] of parts.entries()) {
    const taken = isElement ? readElement(part, rest, fields) : rest.startsWith(part) ? part.length : undefined;
    if (taken === undefined) return undefined;
    rest = rest.slice(taken);
    // Seconds may carry a fraction the layout does not name.
    if (/^0?5$/.test(part) && isElement && !/^[.,]/.test(parts[i + 1]?.text ?? '')) {
      rest = rest.slice(readFraction(/^[.,]\d+/.exec(rest)?.[0] ?? '', fields));
    }
  }
  return rest === '' ? assemble(fields) : undefined;
}

function readElement(element: string, rest: string, fields: Fields): number | undefined {
  const reader = READERS.get(element);
  if (reader) return reader(rest, fields);
  if (/^[.,]/.test(element)) {
    const pattern = element[1] === '0' ? new RegExp(`^[.,]\\d{${element.length - 1}}`) : /^[.,]\d+/;
    const match = pattern.exec(rest)?.[0];
    if (match === undefined) return element[1] === '0' ? undefined : 0;
    return readFraction(match, fields);
  }
  return readOffset(element, rest, fields);
}

function readFraction(text: string, fields: Fields): number {
  if (text !== '') fields.nanos = BigInt(text.slice(1, 10).padEnd(9, '0'));
  return text.length;
}

function readOffset(element: string, rest: string, fields: Fields): number | undefined {
  if (element.startsWith('Z') && rest.startsWith('Z')) {
    fields.zone = UTC;
    return 1;
  }
  const pattern = element.slice(1).replace(/07/, '(\\d\\d)').replaceAll('00', '(\\d\\d)');
  const match = new RegExp(`^([+-])${pattern}`).exec(rest);
  if (!match) return undefined;
  const [all, sign, hours, minutes = '0', seconds = '0'] = match;
  const offset = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  fields.zone = offset === 0 ? UTC : fixedZone(sign === '-' ? -offset : offset);
  return all.length;
}

/** An abbreviation says nothing about the offset unless it is UTC. */
function readAbbreviation(rest: string, fields: Fields): number | undefined {
  const match = /^[A-Z]{3,5}/.exec(rest)?.[0];
  if (!match) return undefined;
  fields.zone = match === 'UTC' ? UTC : (fields.zone ?? fixedZone(0, match));
  return match.length;
}

function assemble(fields: Fields): GoTime | undefined {
  const { year, month, day, yearDay, minute, second, afternoon } = fields;
  const hour = afternoon === undefined ? fields.hour : (fields.hour % 12) + (afternoon ? 12 : 0);
  const date = new Date(0);
  date.setUTCFullYear(year, yearDay === undefined ? month - 1 : 0, yearDay ?? day);
  if (yearDay === undefined && date.getUTCDate() !== day) return undefined;
  const seconds = BigInt(date.getTime() / 1000) + BigInt(hour * 3600 + minute * 60 + second);
  const zone = fields.zone ?? UTC;
  return new GoTime((seconds - BigInt(zone.offsetAt(0).seconds)) * 1_000_000_000n + fields.nanos, zone);
}
