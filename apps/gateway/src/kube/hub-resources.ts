import { apiVersionOf, FLOTILLA_GROUP, KINDS, type KindDefinition } from '@flotilla/contracts';
import {
  type ApiResource,
  builtinOpenApi,
  builtinSchema,
  defineResource,
  type OpenApiSchema,
  type ResourceSchema,
  type ResourceStrategy,
  schemaOf,
} from '@flotilla/kubeapi';
import { z } from 'zod';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const REFERENCE = /"\$ref":"#\/components\/schemas\/([^"]+)"/g;

/**
 * The kinds of the hub as resources of the Kubernetes API, in every version they are served in; `strategyOf` adds admission and
 * masking. Versions of a kind have the same fields: the API machinery shows an object in the version that is asked for, and
 * admission stores it in the kind's own.
 */
export function hubResources(strategyOf: (definition: KindDefinition) => ResourceStrategy): ApiResource[] {
  return KINDS.flatMap((own) => [own, ...own.alsoServed.map((version) => ({ ...own, version }))]).map((definition) =>
    defineResource({
      group: definition.group,
      version: definition.version,
      kind: definition.kind,
      plural: definition.plural,
      singular: definition.singular,
      shortNames: definition.shortNames,
      categories: definition.categories,
      namespaced: definition.namespaced,
      columns: [
        ...definition.columns.map(({ name, path, type = 'string', wide = false }) => ({
          name,
          type,
          priority: wide ? 1 : 0,
          value: `.${path}`,
        })),
        { name: 'Age', type: 'date' as const, value: '.metadata.creationTimestamp' },
      ],
      subresources: definition.hasStatus ? { status: true } : {},
      schema: definition.group === '' ? coreSchema(definition) : ownSchema(definition),
      strategy: strategyOf(definition),
      isCustom: definition.group !== '',
      // A misspelt `approval` would mean none.
      isStrict: definition.group === FLOTILLA_GROUP,
      tracksGeneration: definition.group !== '',
      fieldSelectors: definition.kind === 'Application' ? ['spec.project', 'spec.destination.name', 'spec.destination.server'] : [],
    }),
  );
}

function coreSchema(definition: KindDefinition): ResourceSchema {
  const node = builtinSchema(apiVersionOf(definition), definition.kind);
  const name = builtinOpenApi().kinds(apiVersionOf(definition))[definition.kind];
  if (!node || !name) throw new RangeError(`no built-in schema of ${definition.kind}`);
  return { node, name, definitions: () => referenced(name) };
}

function ownSchema(definition: KindDefinition): ResourceSchema {
  const { group, version, kind } = definition;
  const name = [...group.split('.').reverse(), version, kind].join('.');
  const { $schema: _, ...own } = z.toJSONSchema(definition.schema, {
    io: 'input',
    unrepresentable: 'any',
    override: plain,
  }) as OpenApiSchema & { $schema?: string };
  const described: OpenApiSchema = {
    ...own,
    properties: {
      ...own.properties,
      apiVersion: { type: 'string', description: 'The version of the schema of this object.' },
      kind: { type: 'string', description: 'The kind of this object.' },
      metadata: { allOf: [{ $ref: `#/components/schemas/${OBJECT_META}` }], description: 'Standard object metadata.' },
    },
    // Admission says which fields are missing, all at once and with the remedy.
    required: [],
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  };
  return {
    node: schemaOf(described, (definitionName) => builtinOpenApi().definition(definitionName)),
    name,
    definitions: () => ({ ...referenced(OBJECT_META), [name]: described }),
  };
}

/** Open objects keep what they hold; admission, not the schema, judges enumerations and required fields. */
function plain({ jsonSchema }: { jsonSchema: Record<string, unknown> }): void {
  if (
    jsonSchema.additionalProperties !== undefined &&
    typeof jsonSchema.additionalProperties === 'object' &&
    Object.keys(jsonSchema.additionalProperties as object).length === 0
  ) {
    jsonSchema['x-kubernetes-preserve-unknown-fields'] = true;
    delete jsonSchema.additionalProperties;
  }
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  if (jsonSchema.propertyNames !== undefined) delete jsonSchema.propertyNames;
  if (Array.isArray(jsonSchema.anyOf)) {
    delete jsonSchema.anyOf;
    jsonSchema['x-kubernetes-preserve-unknown-fields'] = true;
  }
  delete jsonSchema.enum;
  delete jsonSchema.const;
  delete jsonSchema.pattern;
  delete jsonSchema.required;
}

/** A built-in schema and all it refers to. */
function referenced(root: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const pending = [root];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const schema = found[name] ? undefined : builtinOpenApi().definition(name);
    if (!schema) continue;
    found[name] = schema;
    for (const [, reference] of JSON.stringify(schema).matchAll(REFERENCE)) pending.push(reference!);
  }
  return found;
}
