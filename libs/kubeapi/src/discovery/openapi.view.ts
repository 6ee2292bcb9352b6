import { createHash } from 'node:crypto';
import type { ApiRegistry } from '../api/api-registry.js';
import { type ApiResource, apiVersionOf } from '../api/api-resource.js';
import { pathsOf } from './openapi-paths.js';

/** A group version's document as text, with the hash that names it. */
export interface OpenApiText {
  hash: string;
  text: string;
}

const PATCH_SCHEMA = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.Patch': {
    description: 'Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.',
    type: 'object',
  },
};

/**
 * Documents by their first resource. Resources are immutable and built-in ones are shared, so a thousand servers that
 * serve the same group version share one text.
 */
const texts = new WeakMap<ApiResource, { resources: readonly ApiResource[]; text: OpenApiText }>();

/** `/openapi/v3`: every group version with the address of its document; the hash in it changes when the document does. */
export function openApiIndex(registry: ApiRegistry): Record<string, unknown> {
  const entries = registry.groups().flatMap(({ group, versions }) =>
    versions.map(({ version, resources }) => {
      const path = `${group === '' ? 'api' : 'apis'}/${apiVersionOf({ group, version })}`;
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${openApiText(resources).hash}` }] as const;
    }),
  );
  return { paths: Object.fromEntries(entries) };
}

/** The document of one group version; undefined when it is not served. */
export function openApiDocument(registry: ApiRegistry, group: string, version: string): OpenApiText | undefined {
  const resources = registry
    .groups()
    .find((other) => other.group === group)
    ?.versions.find((other) => other.version === version)?.resources;
  return resources && openApiText(resources);
}

function openApiText(resources: readonly ApiResource[]): OpenApiText {
  const known = texts.get(resources[0]!);
  if (known && known.resources.length === resources.length && known.resources.every((resource, i) => resource === resources[i])) {
    return known.text;
  }
  const body = JSON.stringify({
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36' },
    paths: Object.assign({}, ...resources.map(pathsOf)),
    components: { schemas: Object.assign({}, PATCH_SCHEMA, ...resources.map(({ schema }) => schema.definitions())) },
  });
  const text = { text: body, hash: createHash('sha512').update(body).digest('hex').toUpperCase() };
  texts.set(resources[0]!, { resources, text });
  return text;
}
