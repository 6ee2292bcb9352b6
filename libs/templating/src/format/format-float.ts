/** The shortest decimal digits of a finite number, without sign, and the place of the decimal point before them. */
function shortest(value: number): { digits: string; point: number } {
  const [mantissa, exponent] = Math.abs(value).toExponential().split('e') as [string, string];
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 };
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return undefined;
}

const isNegative = (value: number): boolean => value < 0 || Object.is(value, -0);

/** Go's `%v` of a float64: exponent form below 1e-4 and from 1e6 on. */
export function formatFloat(value: number): string {
  const name = special(value);
  if (name) return name;
  const sign = isNegative(value) ? '-' : '';
  if (value === 0) return `${sign}0`;
  const { digits, point } = shortest(value);
  const exponent = point - 1;
  return sign + (exponent < -4 || exponent >= 6 ? scientific(digits, exponent, 'e') : plain(digits, point));
}

function scientific(digits: string, exponent: number, letter: string): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${digits[0]}${fraction}${letter}${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function plain(digits: string, point: number): string {
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  return digits.length <= point ? digits.padEnd(point, '0') : `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Most digits after the point; a float64 has fewer that count. */
const MAX_PRECISION = 1100;

/** Go's %e, %f and %g (also E, F, G) of a float64. `precision` is undefined where the verb had none; `sharp` keeps trailing zeros. */
export function formatFloatVerb(value: number, verb: string, precision?: number, sharp = false): string {
  const name = special(value);
  if (name) return name;
  const digits = Math.min(precision ?? 6, MAX_PRECISION);
  const magnitude = Math.abs(value);
  const sign = isNegative(value) ? '-' : '';
  const upper = verb === verb.toUpperCase();
  let text: string;
  switch (verb.toLowerCase()) {
    case 'f':
      text = fixed(magnitude, digits);
      break;
    case 'e':
      text = scientificExact(magnitude, digits);
      break;
    default:
      text = general(magnitude, precision === undefined ? undefined : digits, sharp);
  }
  return sign + (upper ? text.toUpperCase() : text);
}

/** The magnitude times ten to `scale`, rounded half to even: JavaScript's own toFixed rounds half up. */
function scaled(magnitude: number, scale: number): bigint {
  let exponent = 0;
  let mantissa = magnitude;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent++;
  }
  const numerator = BigInt(mantissa) * 10n ** BigInt(Math.max(scale, 0));
  const denominator = 2n ** BigInt(exponent) * 10n ** BigInt(Math.max(-scale, 0));
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const up = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}

function fixed(magnitude: number, digits: number): string {
  const text = String(scaled(magnitude, digits)).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** The leading digits after rounding, and the exponent of the first. */
function leading(magnitude: number, count: number): { digits: string; exponent: number } {
  if (magnitude === 0) return { digits: '0'.repeat(count), exponent: 0 };
  const exponent = shortest(magnitude).point - 1;
  const digits = String(scaled(magnitude, count - 1 - exponent));
  // 9.99 may become 10.0.
  return digits.length > count ? { digits: digits.slice(0, count), exponent: exponent + 1 } : { digits, exponent };
}

function scientificExact(magnitude: number, precision: number): string {
  const { digits, exponent } = leading(magnitude, precision + 1);
  return scientific(digits, exponent, 'e');
}

function general(magnitude: number, precision: number | undefined, sharp: boolean): string {
  if (precision === undefined && !sharp) return formatFloat(magnitude);
  const digits = Math.max(precision ?? 6, 1);
  const { exponent } = leading(magnitude, digits);
  const inExponentForm = exponent < -4 || exponent >= digits;
  const text = inExponentForm ? scientificExact(magnitude, digits - 1) : fixed(magnitude, Math.max(digits - 1 - exponent, 0));
  return sharp ? text : text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '');
}
