import { InvalidInputError } from './errors.js';

/** Nesting beyond this is refused: JSON.parse reads deeper documents than JSON.stringify can write. */
export const MAX_JSON_DEPTH = 200;

/**
 * Serialises a JSON value with sorted keys and no whitespace, so that equal values have equal text.
 * `undefined` members are left out, as JSON.stringify does.
 *
 * @throws InvalidInputError for a non-finite number, a non-JSON value, or nesting beyond MAX_JSON_DEPTH.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > MAX_JSON_DEPTH) throw new InvalidInputError(`nested deeper than ${MAX_JSON_DEPTH} levels`);
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw new InvalidInputError(`${value} has no JSON form`);
      return Object.is(value, -0) ? '0' : JSON.stringify(value);
    case 'object':
      return Array.isArray(value) ? writeArray(value, depth) : writeObject(value as Record<string, unknown>, depth);
    default:
      throw new InvalidInputError(`a ${typeof value} has no JSON form`);
  }
}

function writeArray(items: unknown[], depth: number): string {
  return `[${items.map((item) => write(item ?? null, depth + 1)).join(',')}]`;
}

function writeObject(object: Record<string, unknown>, depth: number): string {
  const members = Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${write(object[key], depth + 1)}`);
  return `{${members.join(',')}}`;
}
