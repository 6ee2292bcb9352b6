import { KubeClient, loadKubeconfig } from '@flotilla/kubeclient';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FakeKubelet, type Kubernetes, startKubernetes, waitFor } from './index.js';

let kubernetes: Kubernetes;
let kubelet: FakeKubelet;
let client: KubeClient;

beforeAll(async () => {
  kubernetes = await startKubernetes();
  kubelet = new FakeKubelet(kubernetes.kubeconfig);
  client = new KubeClient(loadKubeconfig(kubernetes.kubeconfig));
});

afterAll(async () => {
  client?.close();
  await kubelet?.stop();
  await kubernetes?.stop();
});

const deployment = (name: string, image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image }] } },
  },
});
const path = (name: string) => `/apis/apps/v1/namespaces/default/deployments/${name}`;
const readyReplicas = async (name: string) =>
  ((await client.get(path(name)))?.status as { readyReplicas?: number } | undefined)?.readyReplicas ?? 0;

test('a deployment on the real control plane becomes ready through the fake kubelet', async () => {
  await client.apply(path('web'), deployment('web', 'registry.local/web:1'), { fieldManager: 'test' });
  await waitFor('two ready replicas', async () => (await readyReplicas('web')) === 2);
});

test('a deployment whose image tag says broken never does', async () => {
  await client.apply(path('bad'), deployment('bad', 'registry.local/web:broken-2'), { fieldManager: 'test' });
  await waitFor('its pods to be bound', async () => {
    const { items } = await client.list('/api/v1/namespaces/default/pods', { labelSelector: 'app=bad' });
    return items.length === 2 && items.every((pod) => (pod.spec as { nodeName?: string }).nodeName);
  });
  expect(await readyReplicas('bad')).toBe(0);
});

test('discovery knows kinds, scope and subresources', async () => {
  expect(await client.resourceFor('apps/v1', 'Deployment')).toMatchObject({
    plural: 'deployments',
    namespaced: true,
    subresources: expect.arrayContaining(['scale', 'status']),
  });
  expect(await client.resourceFor('v1', 'Namespace')).toMatchObject({ plural: 'namespaces', namespaced: false });
  expect(await client.resourceFor('example.com/v1', 'Nothing')).toBeUndefined();
});
