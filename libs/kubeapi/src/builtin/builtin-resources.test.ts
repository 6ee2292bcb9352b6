import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MemoryApi, startMemoryApi } from '../memory-api.js';
import { builtinResource, builtinResources } from './builtin-resources.js';

describe('the built-in kinds', () => {
  let api: MemoryApi;
  beforeAll(async () => {
    api = await startMemoryApi();
  });
  afterAll(() => api.close());

  const create = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(api.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(response.status).toBe(201);
    return (await response.json()) as Record<string, unknown>;
  };

  test('hold what a fleet applies', () => {
    const kinds = builtinResources().map(({ kind }) => kind);
    const wanted = [
      'Pod',
      'Service',
      'ConfigMap',
      'Secret',
      'Namespace',
      'ServiceAccount',
      'PersistentVolumeClaim',
      'Deployment',
      'StatefulSet',
    ];
    expect(kinds).toEqual(
      expect.arrayContaining([...wanted, 'DaemonSet', 'Job', 'CronJob', 'Ingress', 'HorizontalPodAutoscaler', 'Lease']),
    );
    expect(builtinResource('apps/v1', 'Deployment')).toBe(builtinResource('apps/v1', 'Deployment'));
  });

  test('a service gets an address, and keeps it over an apply', async () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { a: 'b' }, ports: [{ port: 80 }] } };
    const { spec } = await create('/api/v1/namespaces/default/services', service);
    expect(spec).toMatchObject({
      type: 'ClusterIP',
      clusterIP: expect.stringMatching(/^10\.96\./),
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    });
    const applied = await fetch(`${api.url}/api/v1/namespaces/default/services/web`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(service),
    });
    expect(((await applied.json()) as { spec: unknown }).spec).toEqual(spec);
  });

  test('a job selects its own pods', async () => {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } };
    const job = await create('/apis/batch/v1/namespaces/default/jobs', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'once' },
      spec: { template },
    });
    const { uid } = job.metadata as { uid: string };
    expect(job.spec).toMatchObject({
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      template: { metadata: { labels: { 'job-name': 'once' } } },
      backoffLimit: 6,
    });
  });

  test('a secret written as text is stored as base64', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { p: 'w' } };
    const made = await create('/api/v1/namespaces/default/secrets', secret);
    expect(made).toMatchObject({ type: 'Opaque', data: { p: 'dw==' } });
    expect(made).not.toHaveProperty('stringData');
  });
});
