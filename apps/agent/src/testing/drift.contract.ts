import { describe, expect, test } from 'vitest';
import { type AgentBench, deployment, eventually } from './agent-bench.js';

/** What changes in the cluster without Git. */
export function driftSuite(of: () => AgentBench): void {
  describe('drift', () => {
    test('is healed when self-heal is on: a changed value, a lost label, a deleted object', async () => {
      const bench = of();
      const app = await bench.app('healed', [bench.configMap('a', { k: 'v' }), bench.configMap('b'), bench.configMap('c')]);
      bench.hub.assign([app]);
      await bench.start();
      await bench.settled(app);
      await merge(bench, 'a', { data: { k: 'edited' } });
      await merge(bench, 'b', { metadata: { labels: { 'flotilla.dev/managed': null } } });
      await bench.kube.request('DELETE', bench.path('configmaps', 'c'));
      await eventually('the value', async () => (await dataOf(bench, 'a'))?.k === 'v');
      await eventually(
        'the label',
        async () => (await bench.kube.get(bench.path('configmaps', 'b')))?.metadata.labels?.['flotilla.dev/managed'],
      );
      await eventually('the object', () => bench.kube.get(bench.path('configmaps', 'c')));
      await bench.settled(app);
    });

    test('is only reported when self-heal is off, also what others add is none', async () => {
      const bench = of();
      const app = await bench.app('watched', [bench.configMap('a', { k: 'v' })], { syncPolicy: { automated: { prune: true } } });
      bench.hub.assign([app]);
      await bench.start();
      await bench.settled(app);
      const before = bench.client.writes.length;
      await merge(bench, 'a', { data: { theirs: 'x' } });
      await merge(bench, 'a', { data: { k: 'edited' } });
      await eventually(
        'the report',
        () => bench.status(app.uid)?.rows.get(`/ConfigMap/${bench.namespace}/a`)?.message === 'changed in the cluster',
      );
      expect(bench.client.writes.length).toBe(before);
      expect(await dataOf(bench, 'a')).toEqual({ k: 'edited', theirs: 'x' });
    });

    test('is healed while the hub is away, and told when it is back', async () => {
      const bench = of();
      const app = await bench.app('alone', [bench.configMap('a', { k: 'v' })]);
      bench.hub.assign([app]);
      await bench.start();
      await bench.settled(app);
      bench.hub.isDown = true;
      await bench.restart();
      await merge(bench, 'a', { data: { k: 'edited' } });
      await eventually('the value', async () => (await dataOf(bench, 'a'))?.k === 'v');
      bench.hub.apps.clear();
      bench.hub.isDown = false;
      await bench.settled(app);
    });

    test('that the same other manager brings back at once is contested, and ends with the next sync', async () => {
      const bench = of();
      const app = await bench.app('fought', [bench.configMap('a', { k: 'v', other: 'o' })]);
      bench.hub.assign([app]);
      await bench.start();
      await bench.settled(app);
      for (let round = 0; round < 2; round++) {
        await eventually('our value', async () => (await dataOf(bench, 'a'))?.k === 'v');
        await merge(bench, 'a', { data: { k: `theirs-${round}` } }, 'other-gitops');
      }
      const status = await eventually('the contest', () =>
        bench.status(app.uid)?.conditions?.find(({ type }) => type === 'ContestedFields'),
      );
      expect(status.message).toContain('other-gitops');
      expect(status.message).toContain('data.k');
      expect(await dataOf(bench, 'a')).toEqual({ k: 'theirs-1', other: 'o' });
      await merge(bench, 'a', { data: { other: 'edited' } });
      await eventually('the uncontested field', async () => (await dataOf(bench, 'a'))?.other === 'o');
      expect((await dataOf(bench, 'a'))?.k).toBe('theirs-1');
      bench.hub.assign([{ ...app, operation: { id: 'sync-1', sync: {} } }]);
      await eventually('the sync', async () => (await dataOf(bench, 'a'))?.k === 'v');
    });

    test('of fields that ignoreDifferences names is none', async () => {
      const bench = of();
      const app = await bench.app('ignoring', [bench.configMap('a', { k: 'v' }), deployment('web', '1')], {
        ignoreDifferences: [
          { kind: 'ConfigMap', jsonPointers: ['/data/k'] },
          { group: 'apps', kind: 'Deployment', jqPathExpressions: ['.spec.template.spec.containers[] | select(.name == "web") | .image'] },
        ],
      });
      bench.hub.assign([app]);
      await bench.start();
      await bench.settled(app);
      const before = [...bench.client.writes];
      await merge(bench, 'a', { data: { k: 'theirs' } });
      await bench.kube.request('PATCH', bench.path('deployments', 'web'), {
        body: [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'example.org/web:2' }],
        contentType: 'application/json-patch+json',
      });
      bench.hub.ask({ verb: 'refresh', app: app.uid });
      await eventually('the answer', () => bench.hub.answers.length > 0);
      await bench.settled(app);
      expect(bench.client.writes).toEqual(before);
    });

    test('of replicas that an autoscaler owns is none, whoever made the autoscaler', async () => {
      const bench = of();
      const app = await bench.app('scaled', [deployment('web', '1', { replicas: 2 })]);
      const path = `/apis/autoscaling/v2/namespaces/${bench.namespace}/horizontalpodautoscalers`;
      const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
      const spec = { scaleTargetRef, minReplicas: 1, maxReplicas: 5 };
      await bench.kube.request('POST', path, {
        body: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web' }, spec },
      });
      await bench.start();
      bench.hub.assign([app]);
      await bench.settled(app);
      await bench.kube.request('PATCH', bench.path('deployments', 'web'), {
        body: { spec: { replicas: 4 } },
        contentType: 'application/merge-patch+json',
        query: { fieldManager: 'kube-controller-manager' },
      });
      const next = await bench.app('scaled', [deployment('web', '2', { replicas: 2 })]);
      bench.hub.assign([next]);
      await bench.settled(next);
      const live = await bench.kube.get(bench.path('deployments', 'web'));
      expect(live?.spec).toMatchObject({ replicas: 4 });
    });
  });
}

async function merge(bench: AgentBench, name: string, body: unknown, fieldManager = 'kubectl-edit'): Promise<void> {
  await bench.kube.request('PATCH', bench.path('configmaps', name), {
    body,
    contentType: 'application/merge-patch+json',
    query: { fieldManager },
  });
}

async function dataOf(bench: AgentBench, name: string): Promise<Record<string, string> | undefined> {
  return (await bench.kube.get(bench.path('configmaps', name)))?.data as Record<string, string> | undefined;
}
