/** A time zone of the IANA database, or a fixed offset. */
export interface Zone {
  name: string;
  /** Offset east of UTC and its abbreviation at an instant, in milliseconds since 1970. */
  offsetAt(millis: number): { seconds: number; abbreviation: string };
}

export const UTC: Zone = { name: 'UTC', offsetAt: () => ({ seconds: 0, abbreviation: 'UTC' }) };

export function fixedZone(seconds: number, abbreviation = ''): Zone {
  return { name: abbreviation, offsetAt: () => ({ seconds, abbreviation }) };
}

/** Undefined for a name nobody knows. The place the machine stands in is no input: `Local` is UTC here. */
export function loadZone(name: string): Zone | undefined {
  if (name === '' || name === 'UTC' || name === 'Local') return UTC;
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return undefined;
  try {
    const options = { timeZone: name, hourCycle: 'h23' } as const;
    const wall = new Intl.DateTimeFormat('en-US', {
      ...options,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    const named = ['en-US', 'en-GB', 'en-AU'].map((locale) => new Intl.DateTimeFormat(locale, { ...options, timeZoneName: 'short' }));
    return { name, offsetAt: (millis) => offsetIn(wall, named, millis) };
  } catch {
    return undefined;
  }
}

/** What the IANA database calls zones that the Unicode data knows by number only. */
const ABBREVIATIONS: ReadonlyMap<string, string> = new Map([
  ['Asia/Tokyo 32400', 'JST'],
  ['Asia/Seoul 32400', 'KST'],
  ['Asia/Shanghai 28800', 'CST'],
  ['Asia/Taipei 28800', 'CST'],
  ['Asia/Hong_Kong 28800', 'HKT'],
  ['Asia/Manila 28800', 'PST'],
  ['Asia/Jakarta 25200', 'WIB'],
  ['Asia/Calcutta 19800', 'IST'],
  ['Asia/Kolkata 19800', 'IST'],
  ['Asia/Karachi 18000', 'PKT'],
  ['Asia/Jerusalem 7200', 'IST'],
  ['Asia/Jerusalem 10800', 'IDT'],
  ['Europe/Moscow 10800', 'MSK'],
  ['Africa/Johannesburg 7200', 'SAST'],
  ['Africa/Nairobi 10800', 'EAT'],
  ['Africa/Lagos 3600', 'WAT'],
  ['Africa/Cairo 7200', 'EET'],
  ['Africa/Cairo 10800', 'EEST'],
  ['Pacific/Auckland 43200', 'NZST'],
  ['Pacific/Auckland 46800', 'NZDT'],
]);

function offsetIn(
  wall: Intl.DateTimeFormat,
  named: readonly Intl.DateTimeFormat[],
  millis: number,
): { seconds: number; abbreviation: string } {
  const at = Math.floor(millis / 1000) * 1000;
  const part = new Map(wall.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const get = (type: Intl.DateTimeFormatPartTypes) => part.get(type) ?? 0;
  const local = Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'));
  const seconds = Math.round((local - at) / 1000);
  const names = named.map((format) => format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '');
  const known =
    names.find((name) => /^[A-Z]{3,5}$/.test(name) && name !== 'GMT') ?? ABBREVIATIONS.get(`${wall.resolvedOptions().timeZone} ${seconds}`);
  return { seconds, abbreviation: known ?? (seconds === 0 ? 'GMT' : numericName(seconds)) };
}

/** What zones without letters are called: +03, -0330. */
function numericName(seconds: number): string {
  const minutes = Math.abs(Math.round(seconds / 60));
  const hours = `${seconds < 0 ? '-' : '+'}${String(Math.floor(minutes / 60)).padStart(2, '0')}`;
  return minutes % 60 === 0 ? hours : hours + String(minutes % 60).padStart(2, '0');
}

export interface CivilTime {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** 0 is Sunday. */
  weekday: number;
  yearDay: number;
  offsetSeconds: number;
  abbreviation: string;
}

/** What a clock on the wall shows. */
export function civilTime(time: { unix: bigint; zone: Zone }): CivilTime {
  const { seconds, abbreviation } = time.zone.offsetAt(Number(time.unix) * 1000);
  const date = new Date((Number(time.unix) + seconds) * 1000);
  const year = date.getUTCFullYear();
  const startOfYear = new Date(0).setUTCFullYear(year, 0, 1);
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    weekday: date.getUTCDay(),
    yearDay: Math.floor((date.getTime() - startOfYear) / 86_400_000) + 1,
    offsetSeconds: seconds,
    abbreviation,
  };
}
