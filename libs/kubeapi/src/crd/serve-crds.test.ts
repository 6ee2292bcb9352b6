import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MemoryApi, startMemoryApi } from '../memory-api.js';

const CRDS = { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' };
const WIDGETS = { group: 'demo.dev', resource: 'widgets' };
const USER = { name: 'tester', groups: [] };

const crd = (versions: string[]) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.demo.dev' },
  spec: {
    group: 'demo.dev',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: versions.map((name, i) => ({ name, served: true, storage: i === 0, schema: { openAPIV3Schema: { type: 'object' } } })),
  },
});

describe('custom kinds', () => {
  let api: MemoryApi;
  beforeEach(async () => {
    api = await startMemoryApi();
  });
  afterEach(() => api.close());

  test('are served when their definition comes, in every served version, and it says Established', async () => {
    await api.storage.create(CRDS, crd(['v1', 'v1beta1']), USER);
    await expect.poll(() => api.registry.hasVersion('demo.dev', 'v1beta1')).toBe(true);
    await expect
      .poll(async () => (await api.storage.get(CRDS, '', 'widgets.demo.dev'))?.status)
      .toMatchObject({
        conditions: [
          { type: 'NamesAccepted', status: 'True' },
          { type: 'Established', status: 'True' },
        ],
        storedVersions: ['v1'],
      });
    const body = JSON.stringify({ apiVersion: 'demo.dev/v1', kind: 'Widget', metadata: { name: 'a' } });
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${api.url}/apis/demo.dev/v1/namespaces/default/widgets`, { method: 'POST', headers, body })).status).toBe(201);
    const read = await fetch(`${api.url}/apis/demo.dev/v1beta1/namespaces/default/widgets/a`);
    expect(await read.json()).toMatchObject({ apiVersion: 'demo.dev/v1beta1', metadata: { name: 'a' } });
  });

  test('lose a version that their definition drops, and all objects when it goes', async () => {
    const made = await api.storage.create(CRDS, crd(['v1', 'v1beta1']), USER);
    await expect.poll(() => api.registry.hasVersion('demo.dev', 'v1beta1')).toBe(true);
    await api.storage.create(WIDGETS, { apiVersion: 'demo.dev/v1', kind: 'Widget', metadata: { name: 'a', namespace: 'default' } }, USER);
    await api.storage.update(CRDS, { ...made, ...crd(['v1']), metadata: { ...made.metadata, resourceVersion: undefined } }, USER);
    await expect.poll(() => api.registry.hasVersion('demo.dev', 'v1beta1')).toBe(false);
    await api.storage.delete(CRDS, '', 'widgets.demo.dev', {}, USER);
    await expect.poll(async () => (await api.storage.list(WIDGETS, {})).items).toEqual([]);
    expect(api.registry.hasVersion('demo.dev', 'v1')).toBe(false);
  });
});
