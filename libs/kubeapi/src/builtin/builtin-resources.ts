import { type ApiResource, defineResource, type ResourceSchema } from '../api/api-resource.js';
import { type BuiltinResource, builtinOpenApi, builtinSchema, untypedObjectSchema } from '../schema/index.js';
import { BUILTIN_COLUMNS } from './builtin-columns.js';
import { BUILTIN_STRATEGIES } from './builtin-strategies.js';

/** Kinds without a generation although they have a status, and the other way round. */
const GENERATION: Readonly<Record<string, boolean>> = {
  Namespace: false,
  PersistentVolume: false,
  PersistentVolumeClaim: false,
  Service: false,
  ResourceQuota: false,
  HorizontalPodAutoscaler: false,
  APIService: false,
  Ingress: true,
  NetworkPolicy: true,
  EndpointSlice: true,
  MutatingWebhookConfiguration: true,
  ValidatingWebhookConfiguration: true,
  PriorityClass: true,
};

const NAME_RULES: Readonly<Record<string, ApiResource['nameRule']>> = {
  Namespace: 'dns1123-label',
  Service: 'dns1035-label',
  Role: 'path-segment',
  ClusterRole: 'path-segment',
  RoleBinding: 'path-segment',
  ClusterRoleBinding: 'path-segment',
};

const RETURNS_DELETED = new Set([
  'Pod',
  'Namespace',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'ServiceAccount',
  'Service',
  'ResourceQuota',
]);
const CREATES_ON_UPDATE = new Set(['Event', 'Lease', 'LimitRange', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding']);

const FIELD_SELECTORS: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'status.phase', 'status.podIP'],
  Secret: ['type'],
  Namespace: ['status.phase'],
  ReplicaSet: ['status.replicas'],
  Job: ['status.successful'],
  Service: ['spec.clusterIP', 'spec.type'],
  Event: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'reason',
    'type',
  ],
};

const SCALE = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.spec.selector',
} as const;

let resources: readonly ApiResource[] | undefined;

/** The built-in kinds of Kubernetes 1.36. Made once per process and shared by all servers. */
export function builtinResources(): readonly ApiResource[] {
  resources ??= builtinOpenApi()
    .groupVersions()
    .flatMap((groupVersion) => resourcesOf(groupVersion));
  return resources;
}

/** Some of them by kind, for a server that has few. */
export function builtinResource(apiVersion: string, kind: string): ApiResource | undefined {
  return builtinResources().find(
    (resource) => resource.kind === kind && apiVersionOfParts(resource.group, resource.version) === apiVersion,
  );
}

function resourcesOf(groupVersion: string): ApiResource[] {
  const entries = builtinOpenApi().resources(groupVersion);
  return entries.filter(({ name }) => !name.includes('/')).flatMap((entry) => define(groupVersion, entry, entries) ?? []);
}

function define(groupVersion: string, entry: BuiltinResource, entries: readonly BuiltinResource[]): ApiResource | undefined {
  const schema = schemaFor(groupVersion, entry.kind);
  if (!schema || !entry.verbs.includes('list')) return undefined;
  const [version, group = ''] = groupVersion.split('/').reverse() as [string, string?];
  const { name: plural, singularName: singular, kind, namespaced, shortNames = [], categories = [] } = entry;
  const has = (subresource: string): boolean => entries.some(({ name }) => name === `${plural}/${subresource}`);
  const subresources = { ...(has('status') ? { status: true } : {}), ...(has('scale') ? { scale: SCALE } : {}) };
  return defineResource({
    group,
    version,
    kind,
    plural,
    singular,
    namespaced,
    shortNames,
    categories,
    subresources,
    schema,
    columns: BUILTIN_COLUMNS[kind] ?? [],
    strategy: BUILTIN_STRATEGIES[kind] ?? {},
    nameRule: NAME_RULES[kind] ?? 'dns1123-subdomain',
    tracksGeneration: GENERATION[kind] ?? has('status'),
    returnsDeleted: RETURNS_DELETED.has(kind),
    createsOnUpdate: CREATES_ON_UPDATE.has(kind),
    fieldSelectors: FIELD_SELECTORS[kind] ?? [],
  });
}

function schemaFor(groupVersion: string, kind: string): ResourceSchema | undefined {
  const node = builtinSchema(groupVersion, kind);
  const name = builtinOpenApi().kinds(groupVersion)[kind];
  if (!node || !name) return undefined;
  return { node, name, definitions: () => definitionsFor(groupVersion) };
}

const definitions = new Map<string, Readonly<Record<string, unknown>>>();

/** With descriptions and what `kubectl explain` and validation look for; one object per group version for the life of the process. */
function definitionsFor(groupVersion: string): Readonly<Record<string, unknown>> {
  const known = definitions.get(groupVersion);
  if (known) return known;
  const { schemas } = builtinOpenApi().document(groupVersion).components;
  const [version, group = ''] = groupVersion.split('/').reverse() as [string, string?];
  for (const [kind, name] of Object.entries(builtinOpenApi().kinds(groupVersion))) {
    const schema = schemas[name];
    if (schema) schema['x-kubernetes-group-version-kind'] ??= [{ group, version, kind }];
  }
  definitions.set(groupVersion, schemas);
  return schemas;
}

function apiVersionOfParts(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

/** A schema for kinds nobody described: everything is kept. */
export function openSchema(name: string): ResourceSchema {
  const schemas = { [name]: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return { node: untypedObjectSchema(), name, definitions: () => schemas };
}
