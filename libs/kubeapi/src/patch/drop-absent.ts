import { isObject } from '@flotilla/kernel';
import { setMember } from '../schema/own-member.js';
import { memberOf, type SchemaNode } from '../schema/schema-node.js';

function isEmptyContainer(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (!isObject(value)) return false;
  for (const _name in value) return false;
  return true;
}

/** Members that a decoder does not keep: null where null cannot stand, and in structs optional maps and lists without content. */
function isAbsent(value: unknown, name: string, member: SchemaNode, parent: SchemaNode): boolean {
  if (value === null) return !member.nullable;
  if (!parent.native || parent.kind !== 'struct' || (member.kind !== 'map' && member.kind !== 'list')) return false;
  return isEmptyContainer(value) && !parent.required.includes(name);
}

/**
 * The object as the server would hold it: without null members (absent to a struct, dropped from custom resources unless `nullable`)
 * and, for built-in kinds, without empty optional maps and lists. The same value comes back when there are none.
 */
export function dropAbsent<T>(value: T, schema: SchemaNode): T {
  return dropIn(value, schema) as T;
}

function dropIn(value: unknown, node: SchemaNode): unknown {
  if (node.kind === 'any' || node.kind === 'scalar' || value === null) return value;
  if (Array.isArray(value)) {
    const { item } = node;
    if (node.kind !== 'list' || !item || item.kind === 'scalar') return value;
    const kept = value.map((element) => dropIn(element, item));
    return kept.some((element, i) => element !== value[i]) ? kept : value;
  }
  if (!isObject(value) || node.kind === 'list') return value;
  let result = value;
  for (const name in value) {
    const member = memberOf(node, name);
    if (!member) continue;
    const current = value[name];
    const isDropped = isAbsent(current, name, member, node);
    const kept = isDropped ? undefined : dropIn(current, member);
    if (kept === current) continue;
    if (result === value) result = { ...value };
    if (isDropped) delete result[name];
    else setMember(result, name, kept);
  }
  return result;
}
