import { CallError, defineFunction, type FunctionTable } from '../execute/define-function.js';
import type { Tools } from '../execute/tools.js';
import { formatTime } from '../time/format-time.js';
import { formatGoDuration, parseGoDuration } from '../time/go-duration.js';
import { GoTime, ZERO_TIME } from '../time/go-time.js';
import { parseTime } from '../time/parse-time.js';
import { loadZone, UTC } from '../time/zone.js';
import { GoInt, type GoValue, integerOf } from '../values/go-value.js';

const SECOND = 1_000_000_000n;

/** The instant the caller names. @throws CallError where it named none: a template then gives the same text tomorrow */
function nowOf({ sources }: Tools, name: string): GoTime {
  if (!sources.now) throw new CallError(`${name} needs the time, which this template does not get: its text must not change by itself`);
  return new GoTime(BigInt(sources.now().getTime()) * 1_000_000n, UTC);
}

/** A time, or seconds since 1970; anything else means now. */
function timeOf(tools: Tools, value: GoValue, name: string): GoTime {
  if (value instanceof GoTime) return value;
  const seconds = value instanceof GoInt && !['int64', 'int32'].includes(value.kind) ? undefined : integerOf(value);
  return seconds === undefined ? nowOf(tools, name) : new GoTime(seconds * SECOND, UTC);
}

/** Steps of reading a time zone, which takes about half a millisecond. */
const ZONE_STEPS = 1_000;

function formatIn(tools: Tools, layout: string, value: GoValue, zone: string, name: string): string {
  if (zone !== 'UTC') tools.budget.step(ZONE_STEPS);
  tools.budget.text(layout.length);
  return formatTime(timeOf(tools, value, name).in(loadZone(zone) ?? UTC), layout);
}

function modify(text: string, time: GoTime, mustFit: boolean): GoTime {
  const duration = parseGoDuration(text);
  if (duration === undefined && mustFit) throw new CallError(`time: invalid duration ${JSON.stringify(text)}`);
  return duration === undefined ? time : time.add(duration);
}

function roundDuration(tools: Tools, value: GoValue): string {
  const given =
    typeof value === 'string'
      ? (parseGoDuration(value) ?? 0n)
      : value instanceof GoTime
        ? nowOf(tools, 'durationRound').nanos - value.nanos
        : value instanceof GoInt && value.kind === 'int64'
          ? value.value
          : 0n;
  const seconds = (given < 0n ? -given : given) / SECOND;
  const exact = (given < 0n ? -given : given) % SECOND === 0n;
  const units: readonly [bigint, string][] = [
    [31_536_000n, 'y'],
    [2_592_000n, 'mo'],
    [86_400n, 'd'],
    [3600n, 'h'],
    [60n, 'm'],
    [1n, 's'],
  ];
  // Exactly one unit does not count as one.
  const unit = units.find(([length]) => seconds > length || (seconds === length && !exact));
  return unit ? `${seconds / unit[0]}${unit[1]}` : '0s';
}

function ago(tools: Tools, value: GoValue): string {
  const elapsed = nowOf(tools, 'ago').nanos - timeOf(tools, value, 'ago').nanos;
  const half = elapsed < 0n ? -SECOND / 2n : SECOND / 2n;
  return formatGoDuration(((elapsed + half) / SECOND) * SECOND);
}

function seconds(value: GoValue): string {
  const text = typeof value === 'string' && /^[+-]?\d{1,18}$/.test(value) ? BigInt(value.replace('+', '')) : undefined;
  const count = value instanceof GoInt && value.kind === 'int64' ? value.value : (text ?? 0n);
  return formatGoDuration(count * SECOND);
}

const dateInZone = defineFunction(['string', 'any', 'string'], (tools, layout, value, zone) =>
  formatIn(tools, layout, value, zone, 'date'),
);
const dateModify = defineFunction(['string', 'time'], (_, text, time) => modify(text, time as GoTime, false));
const mustDateModify = defineFunction(['string', 'time'], (_, text, time) => modify(text, time as GoTime, true));

/** The local zone of these functions is UTC, wherever the service runs. */
export const dateFunctions: FunctionTable = {
  now: defineFunction([], (tools) => nowOf(tools, 'now')),
  date: defineFunction(['string', 'any'], (tools, layout, value) => formatIn(tools, layout, value, 'UTC', 'date')),
  dateInZone,
  date_in_zone: dateInZone,
  htmlDate: defineFunction(['any'], (tools, value) => formatIn(tools, '2006-01-02', value, 'UTC', 'htmlDate')),
  htmlDateInZone: defineFunction(['any', 'string'], (tools, value, zone) => formatIn(tools, '2006-01-02', value, zone, 'htmlDateInZone')),
  dateModify,
  date_modify: dateModify,
  mustDateModify,
  must_date_modify: mustDateModify,
  ago: defineFunction(['any'], ago),
  duration: defineFunction(['any'], (_, value) => seconds(value)),
  durationRound: defineFunction(['any'], roundDuration),
  toDate: defineFunction(['string', 'string'], (_, layout, text) => parseTime(layout, text) ?? new GoTime(ZERO_TIME, UTC)),
  mustToDate: defineFunction(['string', 'string'], (_, layout, text) => {
    const time = parseTime(layout, text);
    if (!time) throw new CallError(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse it`);
    return time;
  }),
  unixEpoch: defineFunction(['time'], (_, time) => String((time as GoTime).unix)),
};
