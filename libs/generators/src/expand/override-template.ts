import { isObject } from '@flotilla/kernel';

/**
 * A generator's own template over the set's: its non-empty fields win, the set's fill the blanks. As in Argo CD (mergo
 * without override), `false`, `0` and `''` count as empty and lists win whole.
 */
export function overrideTemplate(own: unknown, base: unknown): unknown {
  if (isObject(own) && isObject(base)) {
    const keys = [...new Set([...Object.keys(base), ...Object.keys(own)])];
    return Object.fromEntries(keys.map((key) => [key, overrideTemplate(own[key], base[key])]));
  }
  return isBlank(own) ? base : own;
}

function isBlank(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return true;
  return (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);
}
