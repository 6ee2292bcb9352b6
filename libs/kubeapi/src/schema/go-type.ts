import type { SchemaNode } from './schema-node.js';

/** The struct of a definition: `PodSpec` of `io.k8s.api.core.v1.PodSpec`. */
export function structName({ typeName }: SchemaNode): string | undefined {
  return typeName?.slice(typeName.lastIndexOf('.') + 1);
}

/** What the decoder of the real server calls the Go type of a place: `int32`, `map[string]string`, `[]v1.Container`. */
export function goTypeOf(node: SchemaNode): string {
  if (node.kind === 'list') return `[]${node.item ? goTypeOf(node.item) : 'interface {}'}`;
  if (node.kind === 'map') return `map[string]${node.item ? goTypeOf(node.item) : 'interface {}'}`;
  if (node.kind === 'struct') return node.typeName?.split('.').slice(-2).join('.') ?? 'struct';
  if (node.scalar === 'integer') return node.format === 'int32' ? 'int32' : 'int64';
  if (node.scalar === 'number') return 'float64';
  return node.scalar === 'boolean' ? 'bool' : 'string';
}

/** As Go's encoding/json names the kind of a JSON value. */
export function jsonKindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
