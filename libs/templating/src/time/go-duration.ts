const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Go's time.ParseDuration, in nanoseconds; undefined for what it refuses. */
export function parseGoDuration(text: string): bigint | undefined {
  const [, sign, rest] = /^([+-]?)(.*)$/s.exec(text) as unknown as [string, string, string];
  if (rest === '0') return 0n;
  const parts = [...rest.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== rest) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit] of parts) {
    if (whole === '' && fraction === '') return undefined;
    const digits = fraction.slice(0, 18);
    total += BigInt(whole || '0') * UNITS[unit!]! + (BigInt(digits || '0') * UNITS[unit!]!) / 10n ** BigInt(digits.length);
  }
  if (total > 2n ** 63n - 1n) return undefined;
  return sign === '-' ? -total : total;
}

/** Go's Duration.String: `1h2m3.5s`, `1.5ms`, `0s`. */
export function formatGoDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const magnitude = nanos < 0n ? -nanos : nanos;
  if (magnitude < 1_000_000_000n) {
    const unit = magnitude < 1_000n ? 'ns' : magnitude < 1_000_000n ? 'µs' : 'ms';
    return sign + decimal(magnitude, UNITS[unit]!) + unit;
  }
  const seconds = magnitude / 1_000_000_000n;
  const [hours, minutes] = [seconds / 3600n, (seconds / 60n) % 60n];
  const rest = `${decimal(magnitude % 60_000_000_000n, 1_000_000_000n)}s`;
  return `${sign}${hours > 0n ? `${hours}h` : ''}${hours > 0n || minutes > 0n ? `${minutes}m` : ''}${rest}`;
}

function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(value % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return digits === 0 || fraction === '' ? String(value / unit) : `${value / unit}.${fraction}`;
}
