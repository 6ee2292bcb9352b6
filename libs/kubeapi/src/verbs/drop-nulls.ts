import { isObject } from '@flotilla/kernel';

/** A value without members that are null, as Go's decoding reads it into a typed kind; the same reference when there are none. */
export function dropNulls<T>(value: T): T {
  if (Array.isArray(value)) {
    const items = value.map((item) => dropNulls(item));
    return items.some((item, i) => item !== value[i]) ? (items as T) : value;
  }
  if (!isObject(value)) return value;
  let copy: Record<string, unknown> | undefined;
  for (const [key, member] of Object.entries(value)) {
    const kept = member === null ? undefined : dropNulls(member);
    if (kept === member) continue;
    copy ??= { ...value };
    if (kept === undefined) delete copy[key];
    else copy[key] = kept;
  }
  return (copy ?? value) as T;
}
