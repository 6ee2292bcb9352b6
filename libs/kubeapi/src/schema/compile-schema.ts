import { isObject } from '@flotilla/kernel';
import { builtinDefinition } from './builtin-openapi.js';
import {
  DEDUCED,
  NO_FIELDS,
  NO_ZERO_VALUES,
  type OpenApiSchema,
  type ScalarType,
  type SchemaDefinitions,
  type SchemaNode,
  UNTYPED_ATOMIC,
} from './schema-node.js';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
const OBJECT_META = `${META}ObjectMeta`;
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const RAW_EXTENSION = 'io.k8s.apimachinery.pkg.runtime.RawExtension';

/** References of references; a longer chain is a cycle of nothing but references. */
const MAX_REFERENCE_HOPS = 16;

/** What a compilation shares: where names lead, and what is compiled already. */
interface Scope {
  find(name: string): OpenApiSchema | undefined;
  native: boolean;
  nodes: WeakMap<OpenApiSchema, SchemaNode>;
}

interface Resolved {
  schema: OpenApiSchema;
  /** The named definition a reference led to. */
  name?: string;
}

function find(definitions: SchemaDefinitions, name: string): OpenApiSchema | undefined {
  if (typeof definitions === 'function') return definitions(name);
  return Object.hasOwn(definitions, name) ? definitions[name] : undefined;
}

function referenceOf(schema: OpenApiSchema): string | undefined {
  const only = schema.allOf?.length === 1 ? schema.allOf[0] : undefined;
  const reference = schema.$ref ?? only?.$ref;
  return reference?.slice(reference.lastIndexOf('/') + 1);
}

/** Follows `$ref` and a single `allOf`; what stands beside a reference wins over what it leads to. */
function resolve(schema: OpenApiSchema, scope: Scope): Resolved {
  let current: Resolved = { schema };
  for (let hops = 0; hops < MAX_REFERENCE_HOPS; hops++) {
    const name = referenceOf(current.schema);
    if (name === undefined) return current;
    const { $ref: _ref, allOf: _allOf, ...beside } = current.schema;
    const target = scope.find(name) ?? builtinDefinition(name);
    if (!target) return { schema: { ...beside, 'x-kubernetes-preserve-unknown-fields': true }, name };
    current = { schema: { ...target, ...beside }, name };
  }
  return { schema: { 'x-kubernetes-preserve-unknown-fields': true } };
}

function scalarOf(schema: OpenApiSchema): ScalarType {
  if (schema.type === 'string') return schema.format === undefined || schema.format === 'byte' ? 'string' : 'untyped';
  if (schema.type === 'integer' || schema.type === 'number' || schema.type === 'boolean') return schema.type;
  return 'untyped';
}

function isScalarChoice(schema: OpenApiSchema): boolean {
  const choices = schema.oneOf ?? schema.anyOf;
  return (
    choices !== undefined && choices.length > 0 && choices.every(({ type }) => type === 'string' || type === 'integer' || type === 'number')
  );
}

function kindOf({ schema, name }: Resolved): SchemaNode['kind'] {
  if (name === QUANTITY || schema['x-kubernetes-int-or-string'] === true || schema.format === 'int-or-string') return 'scalar';
  if (schema.type === 'array') return schema.items ? 'list' : 'any';
  if (schema.type === 'object' || (schema.type === undefined && schema.properties)) {
    if (schema.properties || schema['x-kubernetes-embedded-resource'] === true) return 'struct';
    return typeof schema.additionalProperties === 'object' ? 'map' : 'any';
  }
  if (schema.type === undefined) return isScalarChoice(schema) ? 'scalar' : 'any';
  return 'scalar';
}

function listTypeOf(schema: OpenApiSchema): { listType: SchemaNode['listType']; listKeys: readonly string[] } {
  const declared = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'];
  if (declared === 'map' && Array.isArray(keys)) return { listType: 'map', listKeys: [...(keys as string[])].sort() };
  if (declared === 'set') return { listType: 'set', listKeys: [] };
  if (declared !== undefined) return { listType: 'atomic', listKeys: [] };
  const strategy = schema['x-kubernetes-patch-strategy'];
  if (strategy !== 'merge' && strategy !== 'merge,retainKeys') return { listType: 'atomic', listKeys: [] };
  const mergeKey = schema['x-kubernetes-patch-merge-key'];
  return typeof mergeKey === 'string' ? { listType: 'map', listKeys: [mergeKey] } : { listType: 'set', listKeys: [] };
}

const EMPTY_STRUCT = Object.freeze({});

/**
 * Members that are no pointers always exist in the server's struct. Its document marks them by their zero value as default; required
 * lists and pointers without one are null until they are set.
 */
function zeroValuesOf(struct: SchemaNode): ReadonlyMap<string, unknown> {
  const zeros = new Map<string, unknown>();
  for (const [name, member] of struct.fields) {
    const stated = member.default;
    if (stated === '' || stated === 0 || stated === false) zeros.set(name, stated);
    else if (isObject(stated) && member.kind === 'struct') zeros.set(name, EMPTY_STRUCT);
    else if (stated === undefined && struct.required.includes(name)) zeros.set(name, null);
  }
  return zeros.size > 0 ? zeros : NO_ZERO_VALUES;
}

class CompiledNode implements SchemaNode {
  readonly kind: SchemaNode['kind'];
  readonly scalar: ScalarType;
  readonly listType: SchemaNode['listType'];
  readonly listKeys: readonly string[];
  readonly mapType: SchemaNode['mapType'];
  readonly preserveUnknown: boolean;
  readonly intOrString: boolean;
  readonly patchStrategy: string | undefined;
  readonly patchMergeKey: string | undefined;
  readonly default: unknown;
  readonly required: readonly string[];
  readonly enum: readonly unknown[] | undefined;
  readonly format: string | undefined;
  readonly nullable: boolean;
  readonly embedded: boolean;
  readonly native: boolean;
  readonly typeName: string | undefined;
  readonly source: OpenApiSchema;
  readonly #scope: Scope;
  readonly #isRoot: boolean;
  #fields: ReadonlyMap<string, SchemaNode> | undefined;
  #item: SchemaNode | undefined | null = null;
  #zeroValues: ReadonlyMap<string, unknown> | undefined;

  constructor(resolved: Resolved, scope: Scope, inherits: boolean, isRoot: boolean) {
    const { schema } = resolved;
    const text = (key: `x-${string}`) => (typeof schema[key] === 'string' ? (schema[key] as string) : undefined);
    this.kind = isRoot ? 'struct' : kindOf(resolved);
    this.scalar = resolved.name === QUANTITY ? 'untyped' : scalarOf(schema);
    ({ listType: this.listType, listKeys: this.listKeys } = listTypeOf(schema));
    this.mapType = schema['x-kubernetes-map-type'] === 'atomic' ? 'atomic' : 'granular';
    // Below a place that keeps unknown members, inline schemas keep them too; a reference starts anew.
    this.preserveUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true || (inherits && resolved.name === undefined);
    this.intOrString = schema['x-kubernetes-int-or-string'] === true || schema.format === 'int-or-string';
    this.patchStrategy = text('x-kubernetes-patch-strategy');
    this.patchMergeKey = text('x-kubernetes-patch-merge-key');
    this.default = schema.default;
    this.required = schema.required ?? [];
    this.enum = schema.enum;
    this.format = schema.format;
    this.nullable = schema.nullable === true;
    this.embedded = schema['x-kubernetes-embedded-resource'] === true;
    this.native = scope.native;
    this.typeName = resolved.name;
    this.source = schema;
    this.#scope = scope;
    this.#isRoot = isRoot;
  }

  get fields(): ReadonlyMap<string, SchemaNode> {
    this.#fields ??= this.#compileFields();
    return this.#fields;
  }

  get item(): SchemaNode | undefined {
    if (this.#item === null) this.#item = this.#compileItem();
    return this.#item;
  }

  get zeroValues(): ReadonlyMap<string, unknown> {
    this.#zeroValues ??= this.native && this.kind === 'struct' ? zeroValuesOf(this) : NO_ZERO_VALUES;
    return this.#zeroValues;
  }

  #compileFields(): ReadonlyMap<string, SchemaNode> {
    const properties = Object.entries(this.source.properties ?? {});
    const isObject = this.#isRoot || this.embedded;
    if (properties.length === 0 && !isObject) return NO_FIELDS;
    const fields = new Map<string, SchemaNode>();
    for (const [name, schema] of properties) fields.set(name, this.#child(schema));
    if (isObject) {
      const text = this.#child({ type: 'string' });
      for (const name of ['apiVersion', 'kind']) if (!fields.has(name)) fields.set(name, text);
      if (!this.native) fields.set('metadata', objectMetaNode());
    }
    return fields;
  }

  #compileItem(): SchemaNode | undefined {
    if (this.kind === 'any' || this.kind === 'scalar') return this.kind === 'any' ? DEDUCED : undefined;
    if (this.kind === 'list') return this.#child(this.source.items ?? {});
    const { additionalProperties } = this.source;
    if (typeof additionalProperties === 'object') return this.#child(additionalProperties);
    // An object that declares nothing takes anything, unless it says otherwise.
    const isFreeForm = additionalProperties === true || (additionalProperties === undefined && this.source.properties === undefined);
    return this.preserveUnknown || isFreeForm ? DEDUCED : undefined;
  }

  #child(schema: OpenApiSchema): SchemaNode {
    return compile(schema, this.#scope, this.preserveUnknown, false);
  }
}

function compile(schema: OpenApiSchema, scope: Scope, inherits: boolean, isRoot: boolean): SchemaNode {
  const known = scope.nodes.get(schema);
  if (known) return known;
  const resolved = resolve(schema, scope);
  const node = resolved.name === RAW_EXTENSION ? UNTYPED_ATOMIC : new CompiledNode(resolved, scope, inherits, isRoot);
  scope.nodes.set(schema, node);
  return node;
}

const scopes = new WeakMap<object, Scope>();
let metaNode: SchemaNode | undefined;

function objectMetaNode(): SchemaNode {
  metaNode ??= schemaOf({ $ref: OBJECT_META }, builtinDefinition, { native: true, part: true });
  return metaNode;
}

/**
 * Compiles the schema of a kind. The result is remembered per (definitions, schema) object, so that asking again is free; neither may be
 * changed afterwards. A reference that leads nowhere accepts anything. `native` marks kinds that the real server holds as structs;
 * `part` says that the schema is not that of a whole object with apiVersion, kind and metadata.
 */
export function schemaOf(
  schema: OpenApiSchema,
  definitions: SchemaDefinitions,
  { native = false, part = false }: { native?: boolean; part?: boolean } = {},
): SchemaNode {
  let scope = scopes.get(definitions);
  if (!scope || scope.native !== native) {
    scope = { find: (name) => find(definitions, name), native, nodes: new WeakMap() };
    scopes.set(definitions, scope);
  }
  return compile(schema, scope, false, !part);
}

const UNKNOWN_KIND: OpenApiSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** For objects of kinds nobody described: metadata is known, everything else is deduced from the values. */
export function untypedObjectSchema(): SchemaNode {
  return schemaOf(UNKNOWN_KIND, NO_DEFINITIONS);
}

const NO_DEFINITIONS: SchemaDefinitions = {};
