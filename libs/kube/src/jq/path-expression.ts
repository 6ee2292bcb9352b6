import { isObject } from '@flotilla/kernel';
import { type JsonPath, pathsOf } from './evaluate-expression.js';
import { parseExpression } from './parse-expression.js';

/** A compiled jq path expression. */
export interface PathExpression {
  /** Where it points in an object; nothing where jq would fail on it, as Argo CD ignores that. */
  paths(object: unknown): JsonPath[];
}

/**
 * Compiles one of ignoreDifferences' `jqPathExpressions`. Of jq it takes members, indexes, `[]`, `..`, `?`, pipes, commas,
 * comparisons, `and`, `or` and a fixed list of functions (`select`, `has`, `startswith`, `test`, ...).
 * @throws PathExpressionError for everything else
 */
export function compilePathExpression(text: string): PathExpression {
  const expression = parseExpression(text);
  return { paths: (object) => pathsOf(expression, object) };
}

/** A copy without what the paths name, as jq's `del` leaves it; paths that lead nowhere change nothing. */
export function deletePaths<T>(value: T, paths: readonly JsonPath[]): T {
  if (paths.length === 0) return value;
  if (paths.some((path) => path.length === 0)) return null as T;
  const copy = structuredClone(value);
  // The last elements of a list go first, so that the others keep their index.
  const once = new Map(paths.map((path) => [JSON.stringify(path), path]));
  for (const path of [...once.values()].sort(laterFirst)) deletePath(copy, path);
  return copy;
}

function laterFirst(a: JsonPath, b: JsonPath): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x === y) continue;
    if (typeof x === 'number' && typeof y === 'number') return y - x;
    return String(x) < String(y) ? 1 : -1;
  }
  return b.length - a.length;
}

function deletePath(root: unknown, path: JsonPath): void {
  const last = path.at(-1)!;
  const parent = path.slice(0, -1).reduce<unknown>((at, key) => {
    if (Array.isArray(at) && typeof key === 'number') return at[key];
    return isObject(at) && typeof key === 'string' && Object.hasOwn(at, key) ? at[key] : undefined;
  }, root);
  if (Array.isArray(parent) && typeof last === 'number') {
    if (last >= 0 && last < parent.length) parent.splice(last, 1);
  } else if (isObject(parent) && typeof last === 'string' && Object.hasOwn(parent, last)) delete parent[last];
}
