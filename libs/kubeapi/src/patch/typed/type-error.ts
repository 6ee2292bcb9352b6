import { isObject } from '@flotilla/kernel';
import type { SchemaNode } from '../../schema/schema-node.js';

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

/** Why a value cannot stand where the schema puts it, or undefined when it can. Null fits everywhere. */
export function typeErrorOf(node: SchemaNode, value: unknown): string | undefined {
  if (value === null || node.kind === 'any') return undefined;
  if (node.kind === 'list') return Array.isArray(value) ? undefined : `expected list, got ${shown(value)}`;
  if (node.kind !== 'scalar') return isObject(value) ? undefined : `expected map, got ${shown(value)}`;
  const type = typeof value;
  switch (node.scalar) {
    case 'string':
      return type === 'string' ? undefined : `expected string, got ${shown(value)}`;
    case 'integer':
    case 'number':
      return type === 'number' ? undefined : `expected numeric (int or float), got ${type}`;
    case 'boolean':
      return type === 'boolean' ? undefined : `expected boolean, got ${shown(value)}`;
    default:
      return type === 'string' || type === 'number' || type === 'boolean' ? undefined : `expected any scalar, got ${shown(value)}`;
  }
}
