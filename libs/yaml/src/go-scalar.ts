import { InvalidInputError } from '@flotilla/kernel';

/**
 * Plain scalars as Go reads them (sigs.k8s.io/yaml over its yaml.v2): what kubectl, Helm, Kustomize and Argo CD see.
 * The recorded answers of the real one are in testdata/go-answers.json.
 */
const WORDS = new Map<string, boolean | null>();
for (const word of ['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'true', 'True', 'TRUE']) WORDS.set(word, true);
for (const word of ['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE']) WORDS.set(word, false);
for (const word of ['', '~', 'null', 'Null', 'NULL']) WORDS.set(word, null);

const INTEGER = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9][0-9]*|0)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const INFINITE = /^[-+]?\.(?:inf|Inf|INF)$/;
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/;
/** Beyond it Go's parser too gives up on integers and reads a float. */
const MAX_UINT64 = 2n ** 64n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** The value of an unquoted scalar without a tag: boolean, null, number (also NaN and infinities) or the text itself. */
export function readPlainScalar(text: string): boolean | null | number | string {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;
  if (INFINITE.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (NOT_A_NUMBER.test(text)) return NaN;
  const digits = text.replaceAll('_', '');
  if (INTEGER.test(digits)) return readInteger(digits);
  if (!FLOAT.test(digits)) return text;
  const value = Number(digits);
  return Number.isFinite(value) ? value || 0 : text;
}

function readInteger(digits: string): number {
  const negative = digits.startsWith('-');
  const unsigned = digits.replace(/^[-+]/, '').toLowerCase();
  const magnitude = BigInt(/^0[0-7]+$/.test(unsigned) ? `0o${unsigned.slice(1)}` : unsigned);
  const value = negative ? -magnitude : magnitude;
  const exact = Number(value);
  if (Number.isSafeInteger(exact) || value > MAX_UINT64 || value < MIN_INT64) return exact || 0;
  throw new InvalidInputError(`the integer ${digits} is beyond 2^53 and would be rounded; put it in quotes`);
}

/** The text of a mapping key, as Go's YAML-to-JSON conversion writes it; undefined where it refuses the key. */
export function keyText(key: unknown): string | undefined {
  if (typeof key === 'string') return key;
  if (typeof key === 'boolean') return String(key);
  if (typeof key !== 'number') return undefined;
  if (Number.isNaN(key)) return '.nan';
  if (!Number.isFinite(key)) return key > 0 ? '.inf' : '-.inf';
  if (Number.isInteger(key) || Math.abs(key) >= 1e-4) return String(key);
  const [mantissa, power] = key.toExponential().split('e-') as [string, string];
  return `${mantissa}e-${power.padStart(2, '0')}`;
}
