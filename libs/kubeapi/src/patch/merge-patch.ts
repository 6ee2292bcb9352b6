import { isObject, jsonEqual } from '@flotilla/kernel';
import { ownMember, setMember } from '../schema/own-member.js';
import { assertSafeDocument } from './patch-input.js';

function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return jsonEqual(target, patch) ? target : patch;
  const base = isObject(target) ? target : {};
  let merged = base;
  for (const name of Object.keys(patch)) {
    const change = patch[name];
    const current = ownMember(base, name);
    const next = change === null ? undefined : merge(current, change);
    if (next === current) continue;
    if (merged === base) merged = { ...base };
    if (next === undefined) delete merged[name];
    else setMember(merged, name, next);
  }
  return merged;
}

/**
 * Applies a JSON Merge Patch (RFC 7386): objects merge, null removes, everything else replaces. The document is not changed; it comes
 * back itself when the patch says nothing new. Throws InvalidInputError for a patch with a `__proto__` key.
 */
export function applyMergePatch<T>(document: T, patch: unknown): T {
  assertSafeDocument(patch, 'the merge patch');
  return merge(document, patch) as T;
}
