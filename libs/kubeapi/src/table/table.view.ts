import type { ApiResource, ResourceColumn } from '../api/api-resource.js';
import type { KubeObject } from '../storage.js';
import { ageOf } from './age.js';
import { compileJsonPath, type JsonPath } from './json-path.js';

/** How much of the object goes into a row. */
export type RowObject = 'None' | 'Metadata' | 'Object';

const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';
const AGE_DESCRIPTION =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

const NAME: ResourceColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: NAME_DESCRIPTION,
  value: (object) => object.metadata.name,
};
const AGE: ResourceColumn = {
  name: 'Age',
  type: 'string',
  description: AGE_DESCRIPTION,
  value: ({ metadata }, nowMs) => ageOf(metadata.creationTimestamp, nowMs),
};

interface CompiledTable {
  definitions: Record<string, unknown>[];
  cells: ((object: KubeObject, nowMs: number) => unknown)[];
}

const compiled = new WeakMap<ApiResource, CompiledTable>();

/** `meta.k8s.io/v1 Table` with one row per object. */
export function tableOf(
  resource: ApiResource,
  objects: readonly KubeObject[],
  options: { apiVersion: string; rowObject: RowObject; nowMs: number; metadata: Record<string, unknown>; withoutColumns?: boolean },
): Record<string, unknown> {
  const { definitions, cells } = compileTable(resource);
  return {
    kind: 'Table',
    apiVersion: options.apiVersion,
    metadata: options.metadata,
    columnDefinitions: options.withoutColumns ? null : definitions,
    rows: objects.map((object) => ({
      cells: cells.map((cell) => cell(object, options.nowMs) ?? null),
      ...rowObject(object, options.rowObject, options.apiVersion),
    })),
  };
}

/** The metadata of an object in an envelope of its own. */
export function partialMetadataOf(object: KubeObject, apiVersion: string): Record<string, unknown> {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata };
}

function rowObject(object: KubeObject, include: RowObject, apiVersion: string): { object?: unknown } {
  if (include === 'None') return {};
  return { object: include === 'Object' ? object : partialMetadataOf(object, apiVersion) };
}

function compileTable(resource: ApiResource): CompiledTable {
  const known = compiled.get(resource);
  if (known) return known;
  const columns = [NAME, ...withAge(resource)];
  const table = { definitions: columns.map(define), cells: columns.map(compileCell) };
  compiled.set(resource, table);
  return table;
}

/** Age stands after the columns that are always shown; a custom kind that lists columns has an age only if it lists one. */
function withAge({ columns, isCustom }: ApiResource): ResourceColumn[] {
  if (columns.some(({ name }) => name === 'Age') || (isCustom && columns.length > 0)) return [...columns];
  return [...columns.filter(({ priority = 0 }) => priority === 0), AGE, ...columns.filter(({ priority = 0 }) => priority > 0)];
}

function define({ name, type, format = '', description = '', priority = 0, value }: ResourceColumn): Record<string, unknown> {
  const text =
    description === '' && typeof value === 'string' ? `Custom resource definition column (in JSONPath format): ${value}` : description;
  return { name, type, format, description: text, priority };
}

function compileCell({ type, value }: ResourceColumn): CompiledTable['cells'][number] {
  if (typeof value !== 'string') return value;
  const path = compileJsonPath(value);
  return (object, nowMs) => cellOf(path, type, object, nowMs);
}

function cellOf(path: JsonPath, type: ResourceColumn['type'], object: KubeObject, nowMs: number): unknown {
  const found = path(object);
  if (found.length === 0) return type === 'date' ? '<unknown>' : null;
  if (type === 'date') return ageOf(found[0], nowMs);
  if (type === 'string') return found.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(',');
  return found[0];
}
