import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AgentBench, deployment, eventually } from './agent-bench.js';
import { driftSuite } from './drift.contract.js';
import { envelopesSuite } from './envelopes.contract.js';
import { ownershipSuite } from './ownership.contract.js';
import { restartSuite } from './restart.contract.js';
import { secretsSuite } from './secrets.contract.js';
import { traceSuite } from './trace.contract.js';
import { trustSuite } from './trust.contract.js';

export interface TestCluster {
  /** Path of a kubeconfig with every right. */
  kubeconfig: string;
  /** Path of a kubeconfig with the agent's rights; default the one with every right. */
  agentKubeconfig?: string;
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
    bench = new AgentBench(cluster.kubeconfig, cluster.agentKubeconfig);
    await bench.open();
  });
  afterEach(() => bench?.close());

  syncSuite(() => bench);
  driftSuite(() => bench);
  ownershipSuite(() => bench);
  trustSuite(() => bench);
  secretsSuite(() => bench);
  envelopesSuite(() => bench);
  restartSuite(() => bench);
  traceSuite(() => bench);
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
