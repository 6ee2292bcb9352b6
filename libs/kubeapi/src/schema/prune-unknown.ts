import { isObject } from '@flotilla/kernel';
import { setMember } from './own-member.js';
import { memberOf, type SchemaNode } from './schema-node.js';

function pruneValue(value: unknown, node: SchemaNode): unknown {
  if (node.kind === 'any' || node.kind === 'scalar' || value === null) return value;
  if (Array.isArray(value)) {
    const { item } = node;
    if (node.kind !== 'list' || !item) return value;
    const pruned = value.map((element) => pruneValue(element, item));
    return pruned.some((element, i) => element !== value[i]) ? pruned : value;
  }
  if (!isObject(value) || node.kind === 'list') return value;
  let pruned = value;
  for (const name of Object.keys(value)) {
    const member = memberOf(node, name);
    const kept = member ? pruneValue(value[name], member) : undefined;
    if (kept === value[name]) continue;
    if (pruned === value) pruned = { ...value };
    if (member) setMember(pruned, name, kept);
    else delete pruned[name];
  }
  return pruned;
}

/** The object without the fields its schema does not know. The same object comes back when there are none; the input is never changed. */
export function pruneUnknown<T>(object: T, schema: SchemaNode): T {
  return pruneValue(object, schema) as T;
}
