import type { Budget } from '../execute/budget.js';
import { TemplateLimitError } from '../template.errors.js';
import { MAX_VALUE_DEPTH } from './from-json.js';
import { GoFunction, GoInt, GoList, type GoMap, GoStruct, type GoValue } from './go-value.js';

/** A number that has no JSON form, or a function; Go's marshaller fails on them. */
export class NotJsonError extends Error {}

/**
 * A value as Go's encoding/json writes it: keys sorted, nil slices null, `<`, `>` and `&` escaped unless `raw`.
 * @throws NotJsonError, TemplateLimitError
 */
export function writeJson(value: GoValue, budget: Budget, raw = false): string {
  return new JsonWriter(budget, raw).write(value, 0);
}

/** The same over lines, two spaces per level. */
export function writePrettyJson(value: GoValue, budget: Budget): string {
  const text = JSON.stringify(JSON.parse(writeJson(value, budget, true)), null, 2);
  budget.text(text.length);
  return escapeForHtml(text);
}

class JsonWriter {
  readonly #budget: Budget;
  readonly #raw: boolean;

  constructor(budget: Budget, raw: boolean) {
    this.#budget = budget;
    this.#raw = raw;
  }

  write(value: GoValue, depth: number): string {
    this.#budget.step();
    if (depth > MAX_VALUE_DEPTH) throw new TemplateLimitError(`a value is nested deeper than ${MAX_VALUE_DEPTH} levels`);
    if (value === null || value === undefined) return 'null';
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'number') return jsonNumber(value);
    if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
    if (value instanceof GoInt) return String(value.value);
    if (value instanceof GoStruct) return this.#raw ? JSON.stringify(value.json()) : escapeForHtml(JSON.stringify(value.json()));
    if (value instanceof GoFunction) throw new NotJsonError('json: unsupported type: func');
    if (value instanceof GoList) {
      return value.isNil ? 'null' : `[${value.items.map((item) => this.write(item, depth + 1)).join(',')}]`;
    }
    return this.#map(value, depth);
  }

  #map(map: GoMap, depth: number): string {
    const members = map.sortedKeys().map((key) => `${this.#text(key)}:${this.write(map.entries.get(key), depth + 1)}`);
    return `{${members.join(',')}}`;
  }

  #text(text: string): string {
    this.#budget.text(text.length);
    const json = goEscapes(JSON.stringify(text));
    return this.#raw ? json : escapeForHtml(json);
  }
}

/** Go writes `\b` and `\f` short too, and keeps U+2028 and U+2029 escaped; lone surrogates cannot occur there. */
function goEscapes(json: string): string {
  return json.replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
}

function escapeForHtml(json: string): string {
  return json.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}

/** JavaScript and Go agree but for the exponent's padding. */
export function jsonNumber(value: number): string {
  if (!Number.isFinite(value))
    throw new NotJsonError(`json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`);
  if (Object.is(value, -0)) return '-0';
  return String(value);
}
