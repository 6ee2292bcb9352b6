import { InvalidInputError, isObject } from '@flotilla/kernel';
import { setMember } from '../schema/own-member.js';

export const PATCH_DIRECTIVE = '$patch';
export const RETAIN_KEYS = '$retainKeys';
export const DELETE_FROM_LIST = '$deleteFromPrimitiveList';
export const SET_ORDER = '$setElementOrder';

export function isDirectiveKey(key: string): boolean {
  return key === PATCH_DIRECTIVE || key === RETAIN_KEYS || key.startsWith(`${DELETE_FROM_LIST}/`) || key.startsWith(`${SET_ORDER}/`);
}

/** The lists of all `PREFIX/key` members of a patch, by key. */
export function listDirectives(patch: Readonly<Record<string, unknown>>, prefix: string): [key: string, list: unknown[]][] {
  const found: [string, unknown[]][] = [];
  for (const name of Object.keys(patch)) {
    if (!name.startsWith(`${prefix}/`)) continue;
    const list = patch[name];
    if (!Array.isArray(list)) throw new InvalidInputError(`the strategic merge patch is invalid: ${name} is no list`, { field: name });
    found.push([name.slice(prefix.length + 1), list]);
  }
  return found;
}

/**
 * A value that is new to the live object: without directives and nulls. Undefined when it is nothing but a directive (deleting what is
 * not there).
 */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, PATCH_DIRECTIVE)) return undefined;
  const kept: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (isDirectiveKey(key) || inner === null) continue;
    const clean = withoutDirectives(inner);
    if (clean !== undefined) setMember(kept, key, clean);
  }
  return kept;
}
