import { expect, test } from 'vitest';
import { ApiRegistry } from '../api/api-registry.js';
import { builtinResources } from '../builtin/builtin-resources.js';
import { resourcesOfCrd } from '../crd/crd-resources.js';
import { openApiDocument, openApiIndex } from './openapi.view.js';

const crd = (size: string) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.demo.dev' },
  spec: {
    group: 'demo.dev',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { size: { type: size } } } } },
    ],
  },
});

test('every PATCH and POST takes fieldValidation and dryRun, and names its kind', () => {
  const { text } = openApiDocument(new ApiRegistry(builtinResources()), 'apps', 'v1')!;
  const { paths, components } = JSON.parse(text);
  const { post } = paths['/apis/apps/v1/namespaces/{namespace}/deployments'];
  const { patch } = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'];
  for (const operation of [post, patch]) {
    expect(operation.parameters.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(['fieldValidation', 'dryRun']));
    expect(operation['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' });
  }
  expect(components.schemas['io.k8s.api.apps.v1.Deployment']['x-kubernetes-group-version-kind']).toEqual([
    { group: 'apps', version: 'v1', kind: 'Deployment' },
  ]);
});

test('servers of the same built-in kinds share one document', () => {
  const [one, two] = [new ApiRegistry(builtinResources()), new ApiRegistry(builtinResources())];
  expect(openApiDocument(one, '', 'v1')).toBe(openApiDocument(two, '', 'v1'));
});

test('a changed definition changes its document and the hash in the index, and no other', () => {
  const registry = new ApiRegistry(builtinResources());
  for (const resource of resourcesOfCrd(crd('integer'))) registry.register(resource);
  const before = (openApiIndex(registry) as { paths: Record<string, unknown> }).paths;
  for (const resource of resourcesOfCrd(crd('string'))) registry.register(resource);
  const after = (openApiIndex(registry) as { paths: Record<string, unknown> }).paths;
  const changed = Object.keys(after).filter((path) => JSON.stringify(after[path]) !== JSON.stringify(before[path]));
  expect(changed).toEqual(['apis/demo.dev/v1']);
  expect(openApiDocument(registry, 'nowhere', 'v1')).toBeUndefined();
});
