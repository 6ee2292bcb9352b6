import { GoDuration, GoTime, UTC } from '@flotilla/templating';
import { ExprFunction, type Mapping, textOf } from '../values.js';
import { readTime } from './read-time.js';

const UNITS = { Nanosecond: 1n, Microsecond: 1_000n, Millisecond: 1_000_000n, Second: 1_000_000_000n } as const;

/** Argo CD's `time` for conditions and templates. `now` in milliseconds since 1970. */
export function timeNamespace(now: () => number): Mapping {
  return {
    Now: new ExprFunction(() => new GoTime(BigInt(now()) * 1_000_000n, UTC)),
    Parse: new ExprFunction(([text]) => readTime(textOf(text, 'time.Parse'))),
    ...Object.fromEntries(Object.entries(UNITS).map(([name, nanos]) => [name, new GoDuration(nanos)])),
    Minute: new GoDuration(60n * UNITS.Second),
    Hour: new GoDuration(3_600n * UNITS.Second),
    Layout: "01/02 03:04:05PM '06 -0700",
    ANSIC: 'Mon Jan _2 15:04:05 2006',
    UnixDate: 'Mon Jan _2 15:04:05 MST 2006',
    RubyDate: 'Mon Jan 02 15:04:05 -0700 2006',
    RFC822: '02 Jan 06 15:04 MST',
    RFC822Z: '02 Jan 06 15:04 -0700',
    RFC850: 'Monday, 02-Jan-06 15:04:05 MST',
    RFC1123: 'Mon, 02 Jan 2006 15:04:05 MST',
    RFC1123Z: 'Mon, 02 Jan 2006 15:04:05 -0700',
    RFC3339: '2006-01-02T15:04:05Z07:00',
    RFC3339Nano: '2006-01-02T15:04:05.999999999Z07:00',
    Kitchen: '3:04PM',
    Stamp: 'Jan _2 15:04:05',
    StampMilli: 'Jan _2 15:04:05.000',
    StampMicro: 'Jan _2 15:04:05.000000',
    StampNano: 'Jan _2 15:04:05.000000000',
  };
}
