/** An OpenAPI v3 schema object, as a CRD or the server's own document writes it. */
export interface OpenApiSchema {
  $ref?: string;
  allOf?: OpenApiSchema[];
  anyOf?: OpenApiSchema[];
  oneOf?: OpenApiSchema[];
  not?: OpenApiSchema;
  type?: string;
  format?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  nullable?: boolean;
  required?: string[];
  properties?: Record<string, OpenApiSchema>;
  additionalProperties?: boolean | OpenApiSchema;
  items?: OpenApiSchema;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  multipleOf?: number;
  uniqueItems?: boolean;
  [extension: `x-${string}`]: unknown;
}

/** Where `$ref` leads: the `components.schemas` of a document, or a function that finds one by name. */
export type SchemaDefinitions = Readonly<Record<string, OpenApiSchema>> | ((name: string) => OpenApiSchema | undefined);

export type ScalarType = 'string' | 'integer' | 'number' | 'boolean' | 'untyped';

/**
 * What the patch and validation code needs to know of one place in an object, compiled from OpenAPI. Children are compiled when they are
 * first asked for, so recursive schemas and unused kinds cost nothing.
 *
 * `any` accepts every value: objects in it are granular maps of `any`, lists in it are atomic (the "deduced" type of
 * structured-merge-diff); with `mapType: 'atomic'` the whole value is one leaf.
 */
export interface SchemaNode {
  readonly kind: 'scalar' | 'map' | 'struct' | 'list' | 'any';
  /** For scalars. `untyped` accepts any scalar: quantities, int-or-string, dates and other formatted strings. */
  readonly scalar: ScalarType;
  /** Declared members of a struct by name. */
  readonly fields: ReadonlyMap<string, SchemaNode>;
  /** The elements of a list, the values of a map, and the undeclared members of a struct when it takes any. */
  readonly item: SchemaNode | undefined;
  readonly listType: 'atomic' | 'set' | 'map';
  /** Sorted names of the fields that make the key of a `map` list. */
  readonly listKeys: readonly string[];
  readonly mapType: 'atomic' | 'granular';
  readonly preserveUnknown: boolean;
  readonly intOrString: boolean;
  /** Strategic merge: what happens to this field in a patch; undefined means replace for lists, merge for objects. */
  readonly patchStrategy: string | undefined;
  readonly patchMergeKey: string | undefined;
  readonly default: unknown;
  readonly required: readonly string[];
  readonly enum: readonly unknown[] | undefined;
  readonly format: string | undefined;
  readonly nullable: boolean;
  /** `x-kubernetes-embedded-resource`: a whole object with apiVersion, kind and metadata. */
  readonly embedded: boolean;
  /** Name of the definition a reference led here to, such as `io.k8s.api.core.v1.PodSpec`. */
  readonly typeName: string | undefined;
  /** A kind the real server decodes into a struct: absent members that are not pointers read as their zero value. */
  readonly native: boolean;
  /** For native structs: what members that are absent from the JSON hold in the server's struct ({} , '', 0, false, null). */
  readonly zeroValues: ReadonlyMap<string, unknown>;
  /** The OpenAPI schema itself, references resolved, for value constraints and descriptions. */
  readonly source: OpenApiSchema;
}

export const NO_FIELDS: ReadonlyMap<string, SchemaNode> = new Map();
export const NO_ZERO_VALUES: ReadonlyMap<string, unknown> = new Map();

const BASE = {
  scalar: 'untyped',
  fields: NO_FIELDS,
  zeroValues: NO_ZERO_VALUES,
  listType: 'atomic',
  listKeys: [],
  intOrString: false,
  patchStrategy: undefined,
  patchMergeKey: undefined,
  default: undefined,
  required: [],
  enum: undefined,
  format: undefined,
  nullable: true,
  embedded: false,
  typeName: undefined,
  native: false,
  preserveUnknown: true,
  source: {},
} as const;

/** Any value; objects in it are merged member by member. */
export const DEDUCED: SchemaNode = {
  ...BASE,
  kind: 'any',
  mapType: 'granular',
  get item() {
    return DEDUCED;
  },
};

/** Any value, owned and replaced as a whole (runtime.RawExtension). */
export const UNTYPED_ATOMIC: SchemaNode = { ...BASE, kind: 'any', mapType: 'atomic', item: undefined };

/** The schema of the member `name` of an object at `node`, or undefined when the schema does not know and does not take it. */
export function memberOf(node: SchemaNode, name: string): SchemaNode | undefined {
  return node.fields.get(name) ?? node.item;
}
