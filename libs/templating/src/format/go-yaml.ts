import type { Budget } from '../execute/budget.js';
import { TemplateLimitError } from '../template.errors.js';
import { MAX_VALUE_DEPTH } from '../values/from-json.js';
import { GoFunction, GoInt, GoList, GoMap, GoStruct, type GoValue } from '../values/go-value.js';
import { NotJsonError } from '../values/to-json.js';
import { foldText } from './fold-text.js';
import { formatFloat } from './format-float.js';
import { blockText, yamlText } from './yaml-text.js';

/**
 * A value as sigs.k8s.io/yaml writes it, which is what toYaml shows: two spaces per map, none for a list below a key, keys
 * in go-yaml's natural order, quotes only where a text would be read as something else. Without a newline at the end.
 *
 * @throws NotJsonError, TemplateLimitError
 */
export function writeGoYaml(value: GoValue, budget: Budget): string {
  return linesOf(value, budget, { depth: 0, base: 0, column: 0, hang: 2 }).join('\n');
}

/** Where lines are to stand. */
interface Spot {
  depth: number;
  /** Column the lines are written from. */
  base: number;
  /** Column of the first character. */
  column: number;
  /** How far behind `base` a folded text goes on. */
  hang: number;
}

function linesOf(value: GoValue, budget: Budget, spot: Spot): string[] {
  budget.step();
  if (spot.depth > MAX_VALUE_DEPTH) throw new TemplateLimitError(`a value is nested deeper than ${MAX_VALUE_DEPTH} levels`);
  if (isFull(value)) return value instanceof GoMap ? mapLines(value, budget, spot) : listLines(value as GoList, budget, spot);
  if (typeof value !== 'string') return [scalar(value)];
  budget.text(value.length);
  const block = blockText(value);
  // In a list the block hangs on the dash, below a key two columns in.
  if (block) return [block.header, ...behind(' '.repeat(spot.hang), block.lines, ' '.repeat(spot.hang))];
  const [first, ...others] = foldText(yamlText(value), spot.column, spot.base + spot.hang);
  return [first!, ...behind(' '.repeat(spot.hang), others, ' '.repeat(spot.hang))];
}

function isFull(value: GoValue): boolean {
  return (value instanceof GoMap && value.entries.size > 0) || (value instanceof GoList && value.items.length > 0);
}

function listLines(list: GoList, budget: Budget, { depth, base }: Spot): string[] {
  const spot = { depth: depth + 1, base: base + 2, column: base + 2, hang: 0 };
  return list.items.flatMap((item) => behind('- ', linesOf(item, budget, spot)));
}

function mapLines(map: GoMap, budget: Budget, { depth, base }: Spot): string[] {
  return [...map.entries.keys()].sort(naturalOrder).flatMap((key) => {
    const value = map.entries.get(key);
    const name = yamlText(key);
    if (!isFull(value)) {
      const [first, ...others] = linesOf(value, budget, { depth: depth + 1, base, column: base + [...name].length + 2, hang: 2 });
      return [`${name}: ${first}`, ...others];
    }
    const inner = value instanceof GoMap ? base + 2 : base;
    const lines = linesOf(value, budget, { depth: depth + 1, base: inner, column: inner, hang: 2 });
    return [`${name}:`, ...(value instanceof GoMap ? behind('  ', lines) : lines)];
  });
}

/** The first line behind a mark, the others below it; empty lines stay empty. */
function behind(mark: string, lines: readonly string[], rest = '  '): string[] {
  return lines.map((line, i) => (line === '' ? '' : (i === 0 ? mark : rest) + line));
}

function scalar(value: GoValue): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return number(value);
  if (value instanceof GoInt) return String(value.value);
  if (value instanceof GoMap) return '{}';
  if (value instanceof GoList) return value.isNil ? 'null' : '[]';
  if (value instanceof GoStruct) return yamlText(String(value.json()));
  throw new NotJsonError(`json: unsupported type: ${value instanceof GoFunction ? 'func' : typeof value}`);
}

/** What JSON writes without a point or exponent is read back as an integer. */
function number(value: number): string {
  if (!Number.isFinite(value)) throw new NotJsonError(`json: unsupported value: ${formatFloat(value)}`);
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? String(BigInt(value)) : formatFloat(value);
}

const isLetter = (char: string): boolean => /\p{L}/u.test(char);
const DIGITS = /^\p{Nd}*/u;

/** go-yaml's order of keys: letters after everything else, runs of digits by their value. */
export function naturalOrder(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const at = left.findIndex((char, i) => char !== right[i]);
  if (at < 0) return left.length - right.length;
  if (at >= right.length) return 1;
  const [x, y] = [left[at]!, right[at]!];
  if (isLetter(x) && isLetter(y)) return x.codePointAt(0)! - y.codePointAt(0)!;
  if (isLetter(x) || isLetter(y)) return isLetter(y) ? -1 : 1;
  // Zeros behind another digit are part of a longer number.
  const inNumber = (x === '0' || y === '0') && /[1-9]\d*$/.test(left.slice(0, at).join(''));
  const [one, other] = [left, right].map((chars) => DIGITS.exec(chars.slice(at).join(''))![0]) as [string, string];
  const value = (digits: string) => BigInt(`${inNumber ? '1' : ''}${digits}` || '0');
  if (value(one) !== value(other)) return value(one) < value(other) ? -1 : 1;
  return one.length - other.length || x.codePointAt(0)! - y.codePointAt(0)!;
}
