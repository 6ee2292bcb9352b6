import { isObject, jsonEqual } from '@flotilla/kernel';

/** One field that differs; `old` or `new` is absent where the field is. Paths are dotted, `spec.sources[1].path`. */
export interface FieldChange {
  path: string;
  old?: unknown;
  new?: unknown;
}

/** Differences listed of one document at most; a last entry without values counts the rest. */
const MAX_CHANGES = 200;

/** The leaves in which two values differ, in path order; lists of different lengths differ as a whole. */
export function fieldChanges(before: unknown, after: unknown): FieldChange[] {
  const changes = compare(before, after, '');
  if (changes.length <= MAX_CHANGES) return changes;
  return [...changes.slice(0, MAX_CHANGES), { path: `and ${changes.length - MAX_CHANGES} more fields` }];
}

function compare(before: unknown, after: unknown, path: string): FieldChange[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => compare(memberOf(before, key), memberOf(after, key), joinPath(path, key)));
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, i) => compare(item, after[i], `${path}[${i}]`));
  }
  if (before === undefined && after === undefined) return [];
  if (before !== undefined && after !== undefined && jsonEqual(before, after)) return [];
  return [{ path, ...(before === undefined ? {} : { old: before }), ...(after === undefined ? {} : { new: after }) }];
}

const memberOf = (object: Record<string, unknown>, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);

/** Keys with dots or slashes, as labels have, are quoted. */
function joinPath(path: string, key: string): string {
  if (/^[\w-]+$/.test(key)) return path === '' ? key : `${path}.${key}`;
  return `${path}[${JSON.stringify(key)}]`;
}
