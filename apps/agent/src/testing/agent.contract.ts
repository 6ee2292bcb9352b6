import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AgentBench, deployment, eventually } from './agent-bench.js';
import { ownershipSuite } from './ownership.contract.js';
import { restartSuite } from './restart.contract.js';
import { trustSuite } from './trust.contract.js';

export interface TestCluster {
  /** Path of a kubeconfig with every right. */
  kubeconfig: string;
  stop(): Promise<void>;
}

/** What the agent does on any cluster that speaks the Kubernetes API and makes Deployments ready by their image tag. */
export function agentSuite(makeCluster: () => Promise<TestCluster>): void {
  let cluster: TestCluster;
  let bench: AgentBench;
  beforeAll(async () => {
    cluster = await makeCluster();
  });
  afterAll(() => cluster?.stop());
  beforeEach(async () => {
    bench = new AgentBench(cluster.kubeconfig);
    await bench.open();
  });
  afterEach(() => bench?.close());

  syncSuite(() => bench);
  driftSuite(() => bench);
  ownershipSuite(() => bench);
  trustSuite(() => bench);
  restartSuite(() => bench);
}

function syncSuite(of: () => AgentBench): void {
  describe('a signed document', () => {
    test('is applied, reported healthy, and applied again with no request after a restart', async () => {
      const bench = of();
      const app = await bench.app('shop', [bench.configMap('settings'), deployment('web', '1')]);
      bench.hub.assign([app]);
      await bench.start();
      const status = await bench.settled(app);
      expect([...status.rows.values()].map(({ key, sync }) => `${key} ${sync}`).sort()).toEqual([
        `/ConfigMap/${bench.namespace}/settings Synced`,
        `apps/Deployment/${bench.namespace}/web Synced`,
      ]);
      expect(status.operation).toMatchObject({ id: `auto:${app.release}`, phase: 'Succeeded' });
      await bench.restart();
      bench.hub.apps.clear();
      await bench.settled(app);
      expect(bench.client.writes).toEqual([]);
    });

    test('is served in parts and its blobs too', async () => {
      const bench = of();
      bench.hub.partBytes = 300;
      const objects = Array.from({ length: 12 }, (_, i) => bench.configMap(`part-${i}`, { text: `${i} `.repeat(400) }));
      const app = await bench.app('parts', objects);
      bench.hub.assign([app]);
      await bench.start();
      expect((await bench.settled(app)).rows.size).toBe(12);
    });

    test('opens waves only when the one before is healthy', async () => {
      const bench = of();
      const late = bench.configMap('late', { a: 'b' }, { 'argocd.argoproj.io/sync-wave': '2' });
      const broken = await bench.app('waves', [deployment('first', 'broken', { wave: 1 }), late]);
      bench.hub.assign([broken]);
      await bench.start();
      await eventually('the first wave to be waited for', () => bench.status(broken.uid)?.operation?.message?.startsWith('wave 1:'));
      expect(await bench.kube.get(bench.path('configmaps', 'late'))).toBeUndefined();
      const good = await bench.app('waves', [deployment('first', '1', { wave: 1 }), late]);
      bench.hub.assign([good]);
      await bench.settled(good);
      expect(await bench.kube.get(bench.path('configmaps', 'late'))).toBeDefined();
    });

    test('with a CRD and its object ends with both, and a missing kind parks only that object', async () => {
      const bench = of();
      const group = `${bench.namespace}.example.org`;
      const widget = { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'one' }, spec: { size: 3 } };
      const parked = await bench.app('widgets', [widget, bench.configMap('beside')]);
      bench.hub.assign([parked]);
      await bench.start();
      const status = await eventually('the widget to be parked', () => {
        const found = bench.status(parked.uid);
        return found?.conditions?.some(({ type }) => type === 'ObjectsParked') ? found : undefined;
      });
      expect(status.rows.get(`/ConfigMap/${bench.namespace}/beside`)?.sync).toBe('Synced');
      const whole = await bench.app('widgets', [definition(group), widget, bench.configMap('beside')]);
      bench.hub.assign([whole]);
      await bench.settled(whole);
      await bench.kube.request('DELETE', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.${group}`);
    });

    test('leaves hooks alone and names them', async () => {
      const bench = of();
      const hook = bench.configMap('migrate', {}, { 'argocd.argoproj.io/hook': 'PreSync' });
      const app = await bench.app('hooked', [hook, bench.configMap('plain')]);
      bench.hub.assign([app]);
      await bench.start();
      const status = await bench.settled(app);
      expect(status.conditions?.[0]).toMatchObject({ type: 'HookSkipped', message: expect.stringContaining('migrate') });
      expect(await bench.kube.get(bench.path('configmaps', 'migrate'))).toBeUndefined();
    });

    test('makes the destination namespace when asked to, and parks objects of a missing one', async () => {
      const bench = of();
      const name = `${bench.namespace}-made`;
      const waiting = await bench.app('spaces', [bench.configMap('there')], { destinationNamespace: name });
      bench.hub.assign([waiting]);
      await bench.start();
      await eventually('the object to be parked', () =>
        bench.status(waiting.uid)?.conditions?.find(({ type }) => type === 'ObjectsParked'),
      );
      const automated = { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] };
      const made = { ...waiting, syncPolicy: automated, release: 'r2' };
      bench.hub.assign([made]);
      await eventually('the object', () => bench.kube.get(bench.path('configmaps', 'there', name)));
      await bench.settled(made);
      await bench.kube.request('DELETE', `/api/v1/namespaces/${name}`);
    });

    test('with `apply: false` is compared and reported, and an operation carries it out once', async () => {
      const bench = of();
      const app = await bench.app('manual', [bench.configMap('asked')], { apply: false });
      bench.hub.assign([app]);
      await bench.start();
      await eventually('the report', () => bench.status(app.uid)?.sync === 'OutOfSync');
      expect(bench.client.writes).toEqual([]);
      bench.hub.assign([{ ...app, operation: { id: 'op-1', sync: {} } }]);
      const status = await bench.settled(app);
      expect(status.operation).toMatchObject({ id: 'op-1', phase: 'Succeeded' });
      await bench.kube.request('DELETE', bench.path('configmaps', 'asked'));
      await eventually('the loss to be reported', () => bench.status(app.uid)?.sync === 'OutOfSync');
      expect(await bench.kube.get(bench.path('configmaps', 'asked'))).toBeUndefined();
    });
  });
}

function driftSuite(of: () => AgentBench): void {
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
      const app = await bench.app('ignoring', [bench.configMap('a', { k: 'v' })], {
        ignoreDifferences: [{ kind: 'ConfigMap', jsonPointers: ['/data/k'] }],
      });
      bench.hub.assign([app]);
      await bench.start();
      await bench.settled(app);
      const before = bench.client.writes.length;
      await merge(bench, 'a', { data: { k: 'theirs' } });
      bench.hub.ask({ verb: 'refresh', app: app.uid });
      await eventually('the answer', () => bench.hub.answers.length > 0);
      await bench.settled(app);
      expect(bench.client.writes.length).toBe(before);
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

function definition(group: string): unknown {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  };
}
