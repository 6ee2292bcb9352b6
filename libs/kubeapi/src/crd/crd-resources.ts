import { isObject } from '@flotilla/kernel';
import { type ApiResource, defineResource, type ResourceColumn, type ResourceSchema, type ScaleSubresource } from '../api/api-resource.js';
import { builtinOpenApi, type OpenApiSchema, schemaOf, untypedObjectSchema } from '../schema/index.js';
import type { KubeObject } from '../storage.js';

type Fields = Record<string, unknown>;

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const COLUMN_TYPES = ['string', 'integer', 'number', 'boolean', 'date'] as const;

/** The resources a CustomResourceDefinition serves, one per served version. */
export function resourcesOfCrd(crd: KubeObject): ApiResource[] {
  const spec = fields(crd.spec);
  const names = fields(spec.names);
  const group = String(spec.group ?? '');
  const kind = String(names.kind ?? '');
  const versions = Array.isArray(spec.versions) ? spec.versions.filter(isObject) : [];
  return versions
    .filter((version) => version.served === true)
    .map((version) =>
      defineResource({
        group,
        version: String(version.name),
        kind,
        plural: String(names.plural),
        singular: String(names.singular ?? kind.toLowerCase()),
        shortNames: texts(names.shortNames),
        categories: texts(names.categories),
        namespaced: spec.scope !== 'Cluster',
        columns: columnsOf(version.additionalPrinterColumns),
        subresources: subresourcesOf(fields(version.subresources)),
        schema: schemaFor(group, String(version.name), kind, fields(version.schema).openAPIV3Schema),
        fieldSelectors: selectableFields(version.selectableFields),
        isCustom: true,
        tracksGeneration: true,
      }),
    );
}

function schemaFor(group: string, version: string, kind: string, openApi: unknown): ResourceSchema {
  const name = [...group.split('.').reverse(), version, kind].join('.');
  const own = (isObject(openApi) ? openApi : {}) as OpenApiSchema;
  const described: OpenApiSchema = {
    ...own,
    properties: {
      apiVersion: { type: 'string', description: 'The version of the schema of this object.' },
      kind: { type: 'string', description: 'The kind of this object.' },
      ...own.properties,
      metadata: { allOf: [{ $ref: `#/components/schemas/${OBJECT_META}` }], description: 'Standard object metadata.' },
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  };
  const isOpen = own['x-kubernetes-preserve-unknown-fields'] === true && own.properties === undefined;
  return {
    node: isOpen ? untypedObjectSchema() : schemaOf(described, (definition) => builtinOpenApi().definition(definition)),
    name,
    definitions: () => ({ ...metadataDefinitions(), [name]: described }),
  };
}

/** ObjectMeta and what it refers to, which every custom kind's document needs. */
function metadataDefinitions(): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const pending = [OBJECT_META];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const schema = found[name] ? undefined : builtinOpenApi().definition(name);
    if (!schema) continue;
    found[name] = schema;
    for (const [, reference] of JSON.stringify(schema).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) pending.push(reference!);
  }
  return found;
}

function columnsOf(columns: unknown): ResourceColumn[] {
  return (Array.isArray(columns) ? columns.filter(isObject) : []).map(({ name, type, format, description, priority, jsonPath }) => ({
    name: String(name),
    type: COLUMN_TYPES.find((known) => known === type) ?? 'string',
    ...(typeof format === 'string' ? { format } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    ...(typeof priority === 'number' ? { priority } : {}),
    value: String(jsonPath),
  }));
}

function subresourcesOf(subresources: Fields): ApiResource['subresources'] {
  return {
    ...(isObject(subresources.status) ? { status: true } : {}),
    ...(isObject(subresources.scale) ? { scale: subresources.scale as unknown as ScaleSubresource } : {}),
  };
}

function selectableFields(selectable: unknown): string[] {
  return (Array.isArray(selectable) ? selectable.filter(isObject) : []).map(({ jsonPath }) => String(jsonPath).replace(/^\./, ''));
}

function fields(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
