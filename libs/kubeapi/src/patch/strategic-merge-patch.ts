import { InvalidInputError, isObject } from '@flotilla/kernel';
import { ownMember, setMember } from '../schema/own-member.js';
import { DEDUCED, memberOf, type SchemaNode } from '../schema/schema-node.js';
import { assertSafeDocument } from './patch-input.js';
import {
  DELETE_FROM_LIST,
  isDirectiveKey,
  listDirectives,
  PATCH_DIRECTIVE,
  RETAIN_KEYS,
  SET_ORDER,
  withoutDirectives,
} from './strategic-directives.js';
import { deleteScalars, mergeItems, mergeScalars, orderList } from './strategic-list.js';

type Members = Record<string, unknown>;

function strategyOf(node: SchemaNode): string | undefined {
  return node.patchStrategy?.split(',').find((strategy) => strategy !== 'retainKeys');
}

function badPatch(problem: string): InvalidInputError {
  return new InvalidInputError(`the strategic merge patch is invalid: ${problem}`);
}

/** Merges a patch object into a live one at `node`. */
export function mergeMembers(live: Members, patch: Members, node: SchemaNode): Members {
  const directive = ownMember(patch, PATCH_DIRECTIVE);
  if (directive !== undefined) {
    if (directive === 'replace') {
      const { [PATCH_DIRECTIVE]: _directive, ...rest } = patch;
      return rest;
    }
    if (directive === 'delete') return {};
    if (directive !== 'merge') throw badPatch(`unknown $patch ${JSON.stringify(directive)}; known are replace, delete and merge`);
  }
  const merged = retainKeys(live, patch);
  const done = applyOrders(merged, patch, node);
  for (const key of Object.keys(patch)) {
    if (isDirectiveKey(key) || done.has(key)) continue;
    const change = patch[key];
    if (change === null) delete merged[key];
    else setMember(merged, key, mergeMember(ownMember(merged, key), change, memberOf(node, key) ?? DEDUCED));
    if (merged[key] === undefined) delete merged[key];
  }
  for (const [key, gone] of listDirectives(patch, DELETE_FROM_LIST)) {
    const current = ownMember(merged, key);
    if (Array.isArray(current)) setMember(merged, key, deleteScalars(current, gone));
  }
  return merged;
}

/** A copy of the live object, with only the keys that `$retainKeys` lists when the patch has it. */
function retainKeys(live: Members, patch: Members): Members {
  const retained = ownMember(patch, RETAIN_KEYS);
  if (retained === undefined) return { ...live };
  if (!Array.isArray(retained)) throw badPatch('$retainKeys is no list');
  for (const key of Object.keys(patch)) {
    if (isDirectiveKey(key) || patch[key] === null || retained.includes(key)) continue;
    throw badPatch(`field ${JSON.stringify(key)} is changed but not in $retainKeys`);
  }
  return Object.fromEntries(Object.entries(live).filter(([key]) => retained.includes(key)));
}

/** Merges and orders the lists that `$setElementOrder/...` names; gives their keys. */
function applyOrders(merged: Members, patch: Members, node: SchemaNode): ReadonlySet<string> {
  const done = new Set<string>();
  for (const [key, order] of listDirectives(patch, SET_ORDER)) {
    const current = ownMember(merged, key);
    const change = ownMember(patch, key);
    const list = memberOf(node, key) ?? DEDUCED;
    for (const value of [current, change]) {
      if (value !== undefined && value !== null && !Array.isArray(value))
        throw badPatch(`$setElementOrder/${key} is for lists, ${key} is none`);
    }
    if (!Array.isArray(current) && !Array.isArray(change)) continue;
    const next = Array.isArray(change) ? mergeMember(current ?? undefined, change, list) : current;
    setMember(merged, key, orderList(next as unknown[], order, (current as unknown[]) ?? [], list.patchMergeKey));
    if (Array.isArray(change)) done.add(key);
  }
  return done;
}

function mergeMember(live: unknown, change: unknown, node: SchemaNode): unknown {
  if (isObject(live) && isObject(change)) {
    return strategyOf(node) === 'replace' ? withoutDirectives(change) : mergeMembers(live, change, node);
  }
  if (Array.isArray(live) && Array.isArray(change)) {
    return strategyOf(node) === 'merge' ? mergeLists(live, change, node) : withoutDirectives(change);
  }
  return withoutDirectives(change);
}

function mergeLists(live: readonly unknown[], change: readonly unknown[], node: SchemaNode): unknown[] {
  if (live.length === 0 && change.length === 0) return [];
  const [sample] = [...live, ...change];
  const areObjects = isObject(sample);
  for (const item of [...live, ...change]) {
    if (isObject(item) !== areObjects || Array.isArray(item)) throw badPatch('list element types are not identical');
  }
  if (!areObjects) return mergeScalars(live, change);
  const key = node.patchMergeKey;
  if (key === undefined) throw badPatch('cannot merge lists without merge key');
  return mergeItems(live as Members[], change as Members[], key, (before, after) => mergeMembers(before, after, node.item ?? DEDUCED));
}

/**
 * Applies a strategic merge patch to an object of a kind whose schema states merge keys. Knows `$patch: replace|delete|merge`, `$retainKeys`,
 * `$deleteFromPrimitiveList/...` and `$setElementOrder/...`. The document is not changed. Throws InvalidInputError for a patch that
 * contradicts itself, lacks a merge key, or has a `__proto__` key. (apimachinery v0.36, pkg/util/strategicpatch)
 */
export function applyStrategicMergePatch<T extends object>(live: T, patch: unknown, schema: SchemaNode): T {
  if (!isObject(patch)) throw badPatch('it is no object');
  assertSafeDocument(patch, 'the strategic merge patch');
  return mergeMembers(live as Members, patch, schema) as T;
}
