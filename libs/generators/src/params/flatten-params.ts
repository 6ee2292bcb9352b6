import { isObject } from '@flotilla/kernel';

/** Values of one file or element beyond this number are refused. */
export const MAX_FLAT_VALUES = 20_000;

/**
 * Flattens to dotted names the way Argo CD's git file generator does: `a.b`, list items `a.0.b`; empty maps and lists
 * vanish. `write` turns a leaf into its text.
 *
 * @throws RangeError beyond MAX_FLAT_VALUES
 */
export function flattenParams(value: Record<string, unknown>, write: (leaf: unknown) => string): Record<string, string> {
  const flat: Record<string, string> = {};
  let count = 0;
  const visit = (node: unknown, name: string) => {
    if (isObject(node) || Array.isArray(node)) {
      for (const [key, member] of Object.entries(node)) visit(member, name === '' ? key : `${name}.${key}`);
      return;
    }
    if (++count > MAX_FLAT_VALUES) throw new RangeError(`more than ${MAX_FLAT_VALUES} values`);
    Object.defineProperty(flat, name, { value: write(node), enumerable: true, configurable: true, writable: true });
  };
  visit(value, '');
  return flat;
}

/** Go's `%v` of a value read from YAML or JSON: every number is a float64 there, so 1000000 prints as 1e+06. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  return typeof value === 'number' ? goNumber(value) : String(value);
}

function goNumber(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power <= 20) {
    const plain = String(value);
    if (power <= 5) return plain;
  }
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** The text of a scalar in a list element, where Argo CD would want quotes: numbers without an exponent. */
export function plainText(value: unknown): string {
  return value === null || value === undefined
    ? ''
    : typeof value === 'number' && Number.isInteger(value)
      ? BigInt(value).toString()
      : String(value);
}
