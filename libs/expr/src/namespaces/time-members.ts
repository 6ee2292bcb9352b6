import { civilTime, formatTime, GoDuration, GoTime, UTC } from '@flotilla/templating';
import { ExprFailedError } from '../expr.errors.js';
import { ExprFunction, integerOf, textOf, typeName } from '../values.js';

/** What can be called on a Go time. Months and weekdays are numbers. */
const TIME: Readonly<Record<string, (time: GoTime, args: readonly unknown[]) => unknown>> = {
  Add: (time, [duration]) => time.add(nanosOf(duration)),
  Sub: (time, [other]) => new GoDuration(time.nanos - instantOf(other)),
  Before: (time, [other]) => time.nanos < instantOf(other),
  After: (time, [other]) => time.nanos > instantOf(other),
  Equal: (time, [other]) => time.nanos === instantOf(other),
  Compare: (time, [other]) => Number(time.nanos > instantOf(other)) - Number(time.nanos < instantOf(other)),
  Unix: (time) => Number(time.unix),
  UnixMilli: (time) => Number(time.nanos / 1_000_000n),
  UnixNano: (time) => Number(time.nanos),
  Format: (time, [layout]) => formatTime(time, textOf(layout, 'Format')),
  String: (time) => time.text(),
  UTC: (time) => time.in(UTC),
  // The place the machine stands in is no input.
  Local: (time) => time.in(UTC),
  Year: (time) => civilTime(time).year,
  Month: (time) => civilTime(time).month,
  Day: (time) => civilTime(time).day,
  Weekday: (time) => civilTime(time).weekday,
  YearDay: (time) => civilTime(time).yearDay,
  Hour: (time) => civilTime(time).hour,
  Minute: (time) => civilTime(time).minute,
  Second: (time) => civilTime(time).second,
  Nanosecond: (time) => time.nanosecond,
  AddDate: (time, args) => {
    const [years, months, days] = [0, 1, 2].map((i) => integerOf(args[i], 'AddDate')) as [number, number, number];
    const { year, month, day } = civilTime(time);
    const moved = Date.UTC(year + years, month - 1 + months, day + days) - Date.UTC(year, month - 1, day);
    if (!Number.isFinite(moved)) throw new ExprFailedError('AddDate leaves the calendar');
    return time.add(BigInt(moved) * 1_000_000n);
  },
  Truncate: (time, [duration]) => time.add(-(time.nanos % positive(nanosOf(duration)))),
};

const DURATION: Readonly<Record<string, (duration: GoDuration, args: readonly unknown[]) => unknown>> = {
  Hours: ({ nanos }) => Number(nanos) / 3.6e12,
  Minutes: ({ nanos }) => Number(nanos) / 6e10,
  Seconds: ({ nanos }) => Number(nanos) / 1e9,
  Milliseconds: ({ nanos }) => Number(nanos / 1_000_000n),
  Microseconds: ({ nanos }) => Number(nanos / 1_000n),
  Nanoseconds: ({ nanos }) => Number(nanos),
  String: (duration) => duration.text(),
  Abs: ({ nanos }) => new GoDuration(nanos < 0n ? -nanos : nanos),
  Truncate: ({ nanos }, [unit]) => new GoDuration(nanos - (nanos % positive(nanosOf(unit)))),
};

export function timeMember(time: GoTime, name: unknown): ExprFunction | undefined {
  const method = typeof name === 'string' && Object.hasOwn(TIME, name) ? TIME[name] : undefined;
  return method && new ExprFunction((args) => method(time, args));
}

export function durationMember(duration: GoDuration, name: unknown): ExprFunction | undefined {
  const method = typeof name === 'string' && Object.hasOwn(DURATION, name) ? DURATION[name] : undefined;
  return method && new ExprFunction((args) => method(duration, args));
}

function nanosOf(value: unknown): bigint {
  if (value instanceof GoDuration) return value.nanos;
  // A Go duration is a number of nanoseconds.
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  throw new ExprFailedError(`a duration is expected, not ${typeName(value)}`);
}

function instantOf(value: unknown): bigint {
  if (value instanceof GoTime) return value.nanos;
  throw new ExprFailedError(`a time is expected, not ${typeName(value)}`);
}

function positive(nanos: bigint): bigint {
  if (nanos <= 0n) throw new ExprFailedError('a duration above zero is expected');
  return nanos;
}
