import { GoDuration, GoTime } from '@flotilla/templating';
import { isMapping } from '../values.js';

/** A value as Go's `%v` writes it. */
export function printValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (value instanceof GoTime || value instanceof GoDuration) return value.text();
  if (Array.isArray(value)) return `[${value.map(printValue).join(' ')}]`;
  if (isMapping(value)) {
    const entries = Object.keys(value)
      .sort()
      .map((key) => `${key}:${printValue(value[key])}`);
    return `map[${entries.join(' ')}]`;
  }
  if (typeof value === 'number' && !Number.isInteger(value)) return printFraction(value);
  return String(value);
}

/** Go's shortest form, with at least two digits in the exponent. */
function printFraction(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -5 && exponent < 21) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
