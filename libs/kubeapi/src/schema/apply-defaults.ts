import { isObject } from '@flotilla/kernel';
import { ownMember, setMember } from './own-member.js';
import type { SchemaNode } from './schema-node.js';

/** The zero values that the server's document states as defaults of required struct members; they say nothing about a missing one. */
function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}

function defaultOf(node: SchemaNode): unknown {
  if (node.default === undefined || node.default === null) return undefined;
  if (!node.native) return structuredClone(node.default);
  if (isZero(node.default)) return undefined;
  return isObject(node.default) && node.kind !== 'struct' ? undefined : structuredClone(node.default);
}

function defaultMembers(value: Record<string, unknown>, node: SchemaNode): Record<string, unknown> {
  let result = value;
  const set = (name: string, to: unknown) => {
    if (result === value) result = { ...value };
    setMember(result, name, to);
  };
  for (const [name, member] of node.fields) {
    const current = ownMember(value, name);
    const isAbsent = current === undefined || (current === null && !member.nullable);
    const filled = isAbsent ? defaultOf(member) : current;
    if (filled === undefined || filled === null) continue;
    const defaulted = defaultValue(filled, member);
    if (defaulted !== current) set(name, defaulted);
  }
  const { item } = node;
  if (!item || item.kind === 'any') return result;
  for (const name of Object.keys(value)) {
    if (node.fields.has(name)) continue;
    const defaulted = defaultValue(value[name], item);
    if (defaulted !== value[name]) set(name, defaulted);
  }
  return result;
}

function defaultValue(value: unknown, node: SchemaNode): unknown {
  if (node.kind === 'any' || node.kind === 'scalar') return value;
  if (Array.isArray(value)) {
    const { item } = node;
    if (node.kind !== 'list' || !item || item.kind === 'scalar') return value;
    const defaulted = value.map((element) => defaultValue(element, item));
    return defaulted.some((element, i) => element !== value[i]) ? defaulted : value;
  }
  return isObject(value) && node.kind !== 'list' ? defaultMembers(value, node) : value;
}

/**
 * Fills in the defaults that the schema states: for custom resources every `default`, for built-in kinds the empty structs and constant
 * defaults of the server's document. Defaults that the real server computes in code (a Deployment's strategy, a Pod's restartPolicy) are
 * not in the document. The same object comes back when nothing is missing; the input is never changed.
 */
export function applyDefaults<T>(object: T, schema: SchemaNode): T {
  return defaultValue(object, schema) as T;
}
