import { MONTHS, WEEKDAYS } from './calendar.js';
import { layoutParts } from './layout.js';
import { type CivilTime, civilTime, type Zone } from './zone.js';

/** An instant: whole seconds since 1970 and the nanoseconds after. */
export interface Instant {
  readonly unix: bigint;
  readonly nanosecond: number;
  readonly zone: Zone;
}

const two = (value: number): string => String(value).padStart(2, '0');

type Writer = (civil: CivilTime) => string | number;
const twelve = ({ hour }: CivilTime): number => hour % 12 || 12;

const WRITERS: ReadonlyMap<string, Writer> = new Map<string, Writer>([
  ['January', ({ month }) => MONTHS[month - 1]!],
  ['Jan', ({ month }) => MONTHS[month - 1]!.slice(0, 3)],
  ['1', ({ month }) => month],
  ['01', ({ month }) => two(month)],
  ['Monday', ({ weekday }) => WEEKDAYS[weekday]!],
  ['Mon', ({ weekday }) => WEEKDAYS[weekday]!.slice(0, 3)],
  ['2', ({ day }) => day],
  ['_2', ({ day }) => String(day).padStart(2)],
  ['02', ({ day }) => two(day)],
  ['__2', ({ yearDay }) => String(yearDay).padStart(3)],
  ['002', ({ yearDay }) => String(yearDay).padStart(3, '0')],
  ['15', ({ hour }) => two(hour)],
  ['3', twelve],
  ['03', (civil) => two(twelve(civil))],
  ['4', ({ minute }) => minute],
  ['04', ({ minute }) => two(minute)],
  ['5', ({ second }) => second],
  ['05', ({ second }) => two(second)],
  ['2006', ({ year }) => String(year).padStart(4, '0')],
  ['06', ({ year }) => two(year % 100)],
  ['PM', ({ hour }) => (hour < 12 ? 'AM' : 'PM')],
  ['pm', ({ hour }) => (hour < 12 ? 'am' : 'pm')],
  ['MST', ({ abbreviation, offsetSeconds }) => abbreviation || offset('-0700', offsetSeconds)],
]);

/** Go's Time.Format. */
export function formatTime(time: Instant, layout: string): string {
  const civil = civilTime(time);
  return layoutParts(layout)
    .map(({ text, isElement }) => {
      if (!isElement) return text;
      const writer = WRITERS.get(text);
      if (writer) return writer(civil);
      return /^[.,]/.test(text) ? fraction(text, time.nanosecond) : offset(text, civil.offsetSeconds);
    })
    .join('');
}

/** `.000` always shows its digits, `.999` leaves zeros at the end out. */
function fraction(element: string, nanosecond: number): string {
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, element.length - 1);
  if (element[1] === '0') return element[0] + digits.padEnd(element.length - 1, '0');
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '' : element[0] + kept;
}

function offset(element: string, seconds: number): string {
  if (element.startsWith('Z') && seconds === 0) return 'Z';
  const magnitude = Math.abs(seconds);
  const colon = element.includes(':') ? ':' : '';
  const minutes = element.length > 3 ? colon + two(Math.floor(magnitude / 60) % 60) : '';
  const rest = /0000|00:00$/.test(element) && element.length > 6 ? colon + two(magnitude % 60) : '';
  return `${seconds < 0 ? '-' : '+'}${two(Math.floor(magnitude / 3600))}${minutes}${rest}`;
}
