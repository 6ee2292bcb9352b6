export { applyDefaults } from './apply-defaults.js';
export { type BuiltinOpenApi, type BuiltinResource, builtinOpenApi, type OpenApiDocument } from './builtin-openapi.js';
export { builtinSchema } from './builtin-schema.js';
export { schemaOf, untypedObjectSchema } from './compile-schema.js';
export type { FieldError, FieldErrorReason } from './field-error.js';
export { pruneUnknown } from './prune-unknown.js';
export type { OpenApiSchema, ScalarType, SchemaDefinitions, SchemaNode } from './schema-node.js';
export { type ValidationResult, validateObject } from './validate-object.js';
