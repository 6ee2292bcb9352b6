import type { StatusCause } from '../http/kube-status.js';
import type { SchemaNode } from '../schema/index.js';
import type { KubeObject, RequestUser } from '../storage.js';

/** A column of `kubectl get`, after `Name`. */
export interface ResourceColumn {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  format?: string;
  description?: string;
  /** 0 is always shown, above only with `-o wide`. */
  priority?: number;
  /** A JSONPath such as `.spec.size`, or a function. */
  value: string | ((object: KubeObject, nowMs: number) => unknown);
}

/** Where the scale subresource finds its numbers; dotted paths as in a CRD. */
export interface ScaleSubresource {
  specReplicasPath: string;
  statusReplicasPath: string;
  /** A selector in text form, or a label selector object. */
  labelSelectorPath?: string;
}

/** The OpenAPI side of a kind. Immutable, so that hundreds of servers share it. */
export interface ResourceSchema {
  node: SchemaNode;
  /** Name of the kind's schema in `components.schemas`. */
  name: string;
  /** Every OpenAPI schema the kind refers to, its own included, by name; asked for when the document is first read. */
  definitions(): Readonly<Record<string, unknown>>;
}

export interface WriteContext {
  user: RequestUser;
  /** RFC 3339 in seconds. */
  now: string;
  subresource?: string;
  isDryRun: boolean;
  /** How strict the client wants unknown fields to be judged. */
  fieldValidation: 'Ignore' | 'Warn' | 'Strict';
}

/** Where a kind differs from the rest. Hooks get objects they may not change and return what should be used instead. */
export interface ResourceStrategy {
  /** Fills in what the schema cannot say; also run on every update. */
  defaults?(object: KubeObject): KubeObject;
  prepareForCreate?(object: KubeObject, context: WriteContext): KubeObject | Promise<KubeObject>;
  prepareForUpdate?(object: KubeObject, live: KubeObject, context: WriteContext): KubeObject | Promise<KubeObject>;
  /** Every cause at once; `live` is absent on create. */
  validate?(object: KubeObject, live: KubeObject | undefined, context: WriteContext): StatusCause[] | Promise<StatusCause[]>;
  warnings?(object: KubeObject, live: KubeObject | undefined, context: WriteContext): string[];
  /** The field that was meant by an unknown one, as a path; told beside it. */
  suggestField?(object: KubeObject, path: string): string | undefined;
  /** What readers see instead of the stored object. */
  mask?(object: KubeObject): KubeObject;
  /** An object to store instead of removing (a Namespace becomes Terminating), or undefined to remove; `live` itself leaves it as it is. */
  prepareForDelete?(live: KubeObject, context: WriteContext): KubeObject | undefined;
}

export type NameRule = 'dns1123-subdomain' | 'dns1123-label' | 'dns1035-label' | 'path-segment';

export interface ApiResource {
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  namespaced: boolean;
  columns: readonly ResourceColumn[];
  subresources: { status?: boolean; scale?: ScaleSubresource };
  schema: ResourceSchema;
  strategy: ResourceStrategy;
  nameRule: NameRule;
  /** A custom kind: no strategic merge, updates need a resourceVersion, type errors answer 422. */
  isCustom: boolean;
  /** Unknown fields are refused however the client wants them judged. */
  isStrict: boolean;
  /** Raises `metadata.generation` when anything but metadata and status changes. */
  tracksGeneration: boolean;
  /** A deletion answers the removed object instead of a Status. */
  returnsDeleted: boolean;
  /** PUT on a missing object creates it. */
  createsOnUpdate: boolean;
  /** Paths a field selector may name besides metadata.name and metadata.namespace. */
  fieldSelectors: readonly string[];
  /** A kind that is only answered, never stored (SelfSubjectAccessReview): POST gives what this returns. */
  review?(object: KubeObject, user: RequestUser): KubeObject | Promise<KubeObject>;
}

type Required = 'group' | 'version' | 'kind' | 'plural' | 'schema';

/** A resource with everything not said set to the usual. */
export function defineResource(resource: Pick<ApiResource, Required> & Partial<Omit<ApiResource, Required>>): ApiResource {
  return {
    singular: resource.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: true,
    columns: [],
    subresources: {},
    strategy: {},
    nameRule: 'dns1123-subdomain',
    isCustom: false,
    isStrict: false,
    tracksGeneration: resource.subresources?.status === true,
    returnsDeleted: false,
    createsOnUpdate: false,
    fieldSelectors: [],
    ...resource,
  };
}

export function apiVersionOf({ group, version }: Pick<ApiResource, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Verbs in the order discovery lists them. */
export function verbsOf(resource: ApiResource): readonly string[] {
  return resource.review ? ['create'] : ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
}
