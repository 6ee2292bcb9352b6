import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KubeClient, type KubeError, loadKubeconfig } from '@flotilla/kubeclient';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startClusters } from '../start-clusters.js';
import type { SimulatedCluster } from './simulated-cluster.js';

let directory: string;
let clusters: SimulatedCluster[];
let client: KubeClient;
const failures: unknown[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'flotilla-sim-'));
  clusters = await startClusters({ clusters: ['one', 'two'], directory }, (error) => failures.push(error));
  client = new KubeClient(loadKubeconfig(join(directory, 'one.kubeconfig')));
});
afterAll(async () => {
  client.close();
  await Promise.all(clusters.map((cluster) => cluster.stop()));
  rmSync(directory, { recursive: true, force: true });
  expect(failures).toEqual([]);
});

async function until<T>(read: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const value = await read();
    if (value) return value;
    if (Date.now() > deadline) throw new Error('waited 10 s');
    await delay(10);
  }
}
const configMap = (namespace: string, name: string, metadata = {}) =>
  client.apply(
    `/api/v1/namespaces/${namespace}/configmaps/${name}`,
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data: { a: '1' } },
    { fieldManager: 'test' },
  );
const get = (path: string) => client.get(path);

test('a deployment converges to available as its image tag says', async () => {
  const path = '/apis/apps/v1/namespaces/default/deployments/web';
  await client.apply(
    path,
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'registry.local/web:slow-60ms' }] } },
      },
    },
    { fieldManager: 'test' },
  );
  const live = await until(async () => {
    const object = await get(path);
    return (object?.status as { availableReplicas?: number } | undefined)?.availableReplicas === 2 && object;
  });
  expect(live.status).toMatchObject({ observedGeneration: 1, updatedReplicas: 2 });
});

test('a deleted namespace is emptied and goes; an object with a finalizer holds it', async () => {
  await client.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } } });
  await configMap('team', 'plain');
  await configMap('team', 'held', { finalizers: ['example.com/hold'] });
  await client.request('DELETE', '/api/v1/namespaces/team');
  await until(async () => (await get('/api/v1/namespaces/team/configmaps/plain')) === undefined);
  expect((await get('/api/v1/namespaces/team'))?.status).toMatchObject({ phase: 'Terminating' });
  await client.request('PATCH', '/api/v1/namespaces/team/configmaps/held', {
    contentType: 'application/merge-patch+json',
    body: { metadata: { finalizers: null } },
  });
  await until(async () => (await get('/api/v1/namespaces/team')) === undefined);
});

test('dependents go with their last owner', async () => {
  const owner = await configMap('default', 'owner');
  await configMap('default', 'dependent', {
    ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }],
  });
  await client.request('DELETE', '/api/v1/namespaces/default/configmaps/owner', { body: { propagationPolicy: 'Background' } });
  await until(async () => (await get('/api/v1/namespaces/default/configmaps/dependent')) === undefined);
});

test('a custom resource definition is served once established', async () => {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'boats.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Boat', plural: 'boats', singular: 'boat', listKind: 'BoatList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { sails: { type: 'integer' } } } } },
          },
        },
      ],
    },
  };
  await client.apply('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/boats.example.com', definition, { fieldManager: 'test' });
  await until(async () =>
    (
      (await get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/boats.example.com'))?.status as {
        conditions?: { type: string; status: string }[];
      }
    )?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True'),
  );
  const boat = { apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name: 'a' }, spec: { sails: 2 } };
  expect(await client.apply('/apis/example.com/v1/namespaces/default/boats/a', boat, { fieldManager: 'test' })).toMatchObject({
    spec: { sails: 2 },
  });
});

test('clusters are apart, and a request without the token is refused', async () => {
  const other = new KubeClient(loadKubeconfig(join(directory, 'two.kubeconfig')));
  await configMap('default', 'mine');
  expect(await other.get('/api/v1/namespaces/default/configmaps/mine')).toBeUndefined();
  other.close();
  const stranger = new KubeClient({ ...loadKubeconfig(join(directory, 'one.kubeconfig')), token: 'wrong' });
  await expect(stranger.get('/api/v1/namespaces')).rejects.toMatchObject({ status: 401 } satisfies Partial<KubeError>);
  stranger.close();
});
