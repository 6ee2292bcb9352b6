import { TemplateLimitError } from '../template.errors.js';
import { GoFunction, GoInt, GoList, GoMap, GoStruct, type GoValue, int64 } from './go-value.js';

/** Nesting of the data of one execution; deeper data, or data that holds itself, is refused. */
export const MAX_VALUE_DEPTH = 200;

/**
 * Data as a template sees it: numbers are float64 and bigints int64, as Argo CD's parameters are. Values of this library
 * stay what they are; of plain objects only own enumerable members are seen, and undefined ones are missing.
 *
 * @throws TemplateLimitError for nesting beyond MAX_VALUE_DEPTH
 */
export function toGoValue(value: unknown, depth = 0): GoValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'number':
      return value;
    case 'bigint':
      return int64(value);
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value === null) return null;
  if (value instanceof GoMap || value instanceof GoList || value instanceof GoInt) return value;
  if (value instanceof GoStruct || value instanceof GoFunction) return value;
  if (depth > MAX_VALUE_DEPTH) throw new TemplateLimitError(`the data is nested deeper than ${MAX_VALUE_DEPTH} levels`);
  if (Array.isArray(value)) return new GoList(value.map((item) => toGoValue(item, depth + 1) ?? null));
  const map = new GoMap();
  const entries = value instanceof Map ? value : Object.entries(value);
  for (const [key, member] of entries) if (member !== undefined) map.entries.set(String(key), toGoValue(member, depth + 1));
  return map;
}

/** A map that holds only texts, as labels and generator values are: a missing key then reads as '' where Go has a zero value. */
export function stringMap(members: Readonly<Record<string, string>>): GoMap {
  return new GoMap(Object.entries(members), 'string');
}

/** A list that holds only texts, as path segments are. */
export function stringList(items: readonly string[]): GoList {
  return new GoList(items, 'string');
}
