/** A decimal number: `value` times ten to the minus `scale`. */
export interface Decimal {
  value: bigint;
  scale: number;
}

/** Digits after the point of a quotient, as shopspring/decimal keeps them. */
const DIVISION_PRECISION = 16;

/** The decimal with the fewest digits that reads back as the finite number. */
export function decimalOf(value: number): Decimal {
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  const [whole, fraction = ''] = mantissa.split('.') as [string, string?];
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return scale >= 0 ? { value: digits, scale } : { value: digits * 10n ** BigInt(-scale), scale: 0 };
}

export function numberOf({ value, scale }: Decimal): number {
  return Number(`${value}e${-scale}`);
}

function aligned(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale);
  return [a.value * 10n ** BigInt(scale - a.scale), b.value * 10n ** BigInt(scale - b.scale), scale];
}

export function addDecimal(a: Decimal, b: Decimal): Decimal {
  const [x, y, scale] = aligned(a, b);
  return { value: x + y, scale };
}

export function subtractDecimal(a: Decimal, b: Decimal): Decimal {
  return addDecimal(a, { value: -b.value, scale: b.scale });
}

export function multiplyDecimal(a: Decimal, b: Decimal): Decimal {
  return { value: a.value * b.value, scale: a.scale + b.scale };
}

/** Rounded half away from zero at DIVISION_PRECISION digits. The divisor is not zero. */
export function divideDecimal(a: Decimal, b: Decimal): Decimal {
  const [x, y] = aligned(a, b);
  const numerator = x * 10n ** BigInt(DIVISION_PRECISION);
  const quotient = numerator / y;
  const rest = numerator % y;
  const magnitude = (n: bigint) => (n < 0n ? -n : n);
  const away = numerator < 0n === y < 0n ? 1n : -1n;
  return { value: quotient + (magnitude(rest) * 2n >= magnitude(y) ? away : 0n), scale: DIVISION_PRECISION };
}
