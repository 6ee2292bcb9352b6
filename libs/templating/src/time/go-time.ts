import { defineFunction } from '../execute/define-function.js';
import { GoInt, GoStruct, type GoValue, int, int64 } from '../values/go-value.js';
import { MONTHS, WEEKDAYS } from './calendar.js';
import { formatTime } from './format-time.js';
import { formatGoDuration } from './go-duration.js';
import { civilTime, UTC, type Zone } from './zone.js';

const NANOS = 1_000_000_000n;

/** An instant with the zone it is shown in: Go's time.Time. */
export class GoTime extends GoStruct {
  readonly goType = 'time.Time';
  /** Nanoseconds since 1970. */
  readonly nanos: bigint;
  readonly zone: Zone;

  constructor(nanos: bigint, zone: Zone) {
    super();
    this.nanos = nanos;
    this.zone = zone;
  }

  get unix(): bigint {
    const seconds = this.nanos / NANOS;
    return this.nanos < 0n && this.nanos % NANOS !== 0n ? seconds - 1n : seconds;
  }

  get nanosecond(): number {
    return Number(((this.nanos % NANOS) + NANOS) % NANOS);
  }

  in(zone: Zone): GoTime {
    return new GoTime(this.nanos, zone);
  }

  add(nanos: bigint): GoTime {
    return new GoTime(this.nanos + nanos, this.zone);
  }

  text(): string {
    return formatTime(this, '2006-01-02 15:04:05.999999999 -0700 MST');
  }

  json(): string {
    return formatTime(this, '2006-01-02T15:04:05.999999999Z07:00');
  }

  member(name: string): GoValue {
    return MEMBERS.get(name)?.(this);
  }
}

const number = (read: (time: GoTime) => number) => (time: GoTime) => defineFunction([], () => int(read(time)));
const compare = (decide: (a: bigint, b: bigint) => boolean) => (time: GoTime) =>
  defineFunction(['time'], (_, other) => decide(time.nanos, (other as GoTime).nanos));

const MEMBERS: ReadonlyMap<string, (time: GoTime) => GoValue> = new Map<string, (time: GoTime) => GoValue>([
  ['Format', (time) => defineFunction(['string'], (_, layout) => formatTime(time, layout))],
  ['String', (time) => defineFunction([], () => time.text())],
  ['Unix', (time) => defineFunction([], () => int64(time.unix))],
  ['UnixMilli', (time) => defineFunction([], () => int64(time.nanos / 1_000_000n))],
  ['UnixNano', (time) => defineFunction([], () => int64(time.nanos))],
  ['UTC', (time) => defineFunction([], () => time.in(UTC))],
  ['Year', number((time) => civilTime(time).year)],
  ['Month', (time) => defineFunction([], () => new NamedInt('time.Month', civilTime(time).month, MONTHS))],
  ['Weekday', (time) => defineFunction([], () => new NamedInt('time.Weekday', civilTime(time).weekday, WEEKDAYS))],
  ['Day', number((time) => civilTime(time).day)],
  ['Hour', number((time) => civilTime(time).hour)],
  ['Minute', number((time) => civilTime(time).minute)],
  ['Second', number((time) => civilTime(time).second)],
  ['YearDay', number((time) => civilTime(time).yearDay)],
  ['Nanosecond', number((time) => time.nanosecond)],
  ['IsZero', (time) => defineFunction([], () => time.nanos === ZERO_TIME)],
  ['Before', compare((a, b) => a < b)],
  ['After', compare((a, b) => a > b)],
  ['Equal', compare((a, b) => a === b)],
  ['Sub', (time) => defineFunction(['time'], (_, other) => new GoDuration(time.nanos - (other as GoTime).nanos))],
  [
    'AddDate',
    (time) =>
      defineFunction(['int', 'int', 'int'], (_, years, months, days) => {
        const civil = civilTime(time);
        const before = Date.UTC(civil.year, civil.month - 1, civil.day);
        const after = Date.UTC(civil.year + years, civil.month - 1 + months, civil.day + days);
        return time.add(BigInt(after - before) * 1_000_000n);
      }),
  ],
]);

/** January 1 of year 1, what Go's zero Time is. */
export const ZERO_TIME = -62_135_596_800n * NANOS;

/** A month or weekday: a number that prints its name. */
class NamedInt extends GoStruct {
  readonly goType: string;
  readonly #value: number;
  readonly #name: string;

  constructor(goType: string, value: number, names: readonly string[]) {
    super();
    this.goType = goType;
    this.#value = value;
    this.#name = names[names.length === 12 ? value - 1 : value]!;
  }

  text(): string {
    return this.#name;
  }

  json(): number {
    return this.#value;
  }

  member(name: string): GoValue {
    return name === 'String' ? defineFunction([], () => this.#name) : undefined;
  }
}

/** Go's time.Duration, as Sub gives it. */
export class GoDuration extends GoStruct {
  readonly goType = 'time.Duration';
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }

  text(): string {
    return formatGoDuration(this.nanos);
  }

  json(): number {
    return Number(this.nanos);
  }

  member(name: string): GoValue {
    const per: Readonly<Record<string, number>> = { Seconds: 1e9, Minutes: 60e9, Hours: 3600e9 };
    if (name === 'String') return defineFunction([], () => this.text());
    if (name === 'Milliseconds') return defineFunction([], () => new GoInt('int64', this.nanos / 1_000_000n));
    return per[name] === undefined ? undefined : defineFunction([], () => Number(this.nanos) / per[name]!);
  }
}
