const SUFFIXES: Record<string, [base: bigint, exponent: bigint]> = {
  Ki: [1024n, 1n],
  Mi: [1024n, 2n],
  Gi: [1024n, 3n],
  Ti: [1024n, 4n],
  Pi: [1024n, 5n],
  Ei: [1024n, 6n],
};
const DECIMAL: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const SHAPE = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:([KMGTPE]i)|([numkMGTPE]?)|[eE]([+-]?\d{1,3}))$/;
/** Kubernetes rounds up below nano; quantities are compared in nano units. */
const NANO = 9;

/** The value of a Kubernetes quantity in billionths (`1Gi`, `250m`, `1e3`, 2), or undefined when it is none. */
export function quantityNano(value: unknown): bigint | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text.length > 64) return undefined;
  const match = SHAPE.exec(text);
  if (!match) return undefined;
  const [, sign, digits = '', binary, decimal = '', exponent] = match;
  const [whole = '', fraction = ''] = digits.split('.');
  const power = NANO - fraction.length + (binary ? 0 : exponent === undefined ? DECIMAL[decimal]! : Number(exponent));
  let nano = BigInt(`${whole}${fraction}` || '0');
  if (binary) {
    const [base, times] = SUFFIXES[binary]!;
    nano *= base ** times;
  }
  if (power >= 0) nano *= 10n ** BigInt(power);
  else nano = ceilDivide(nano, 10n ** BigInt(-power));
  return sign === '-' ? -nano : nano;
}

/** True when both are quantities of one value: `1024Mi` and `1Gi`, `1` and `1000m`. Plain text is never one. */
export function sameQuantity(a: unknown, b: unknown): boolean {
  const left = quantityNano(a);
  return left !== undefined && left === quantityNano(b);
}

function ceilDivide(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}
