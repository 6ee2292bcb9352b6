import { builtinDefinition, builtinOpenApi } from './builtin-openapi.js';
import { schemaOf } from './compile-schema.js';
import type { SchemaNode } from './schema-node.js';

/** The compiled schema of a built-in kind, or undefined for any other. Compiled once per process. */
export function builtinSchema(apiVersion: string, kind: string): SchemaNode | undefined {
  const kinds = builtinOpenApi().kinds(apiVersion);
  const definition = Object.hasOwn(kinds, kind) ? builtinDefinition(kinds[kind]!) : undefined;
  return definition && schemaOf(definition, builtinDefinition, { native: true });
}
