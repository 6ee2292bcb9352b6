import { describe, expect, test } from 'vitest';
import { type AgentBench, deployment, eventually } from './agent-bench.js';

/** What is ours, what is pruned, and what is never touched. */
export function ownershipSuite(of: () => AgentBench): void {
  describe('ownership', () => {
    test('prunes what Git dropped, but never what is protected, replaced or not ours', async () => {
      const bench = of();
      const kept = bench.configMap('kept', {}, { 'argocd.argoproj.io/sync-options': 'Prune=false' });
      const names = ['plain', 'guarded', 'replaced', 'retagged'];
      const app = await bench.app('pruned', [...names.map((name) => bench.configMap(name)), kept, bench.configMap('stays')], {
        syncPolicy: { automated: { prune: true } },
      });
      bench.hub.assign([app]);
      await bench.start();
      await bench.settled(app);
      await bench.stop();
      await patch(bench, 'guarded', { metadata: { labels: { 'flotilla.dev/protected': 'true' } } });
      await patch(bench, 'retagged', {
        metadata: { annotations: { 'flotilla.dev/tracking-id': `argocd_other:/ConfigMap:${bench.namespace}/retagged` } },
      });
      const live = await bench.kube.get(bench.path('configmaps', 'replaced'));
      await bench.kube.request('DELETE', bench.path('configmaps', 'replaced'));
      const { labels, annotations } = live!.metadata;
      await bench.kube.request('POST', bench.path('configmaps', ''), {
        body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'replaced', labels, annotations } },
      });
      const less = { ...(await bench.app('pruned', [bench.configMap('stays')])), syncPolicy: app.syncPolicy };
      bench.hub.assign([less]);
      await bench.start();
      await eventually('the plain one to go', async () => (await bench.kube.get(bench.path('configmaps', 'plain'))) === undefined);
      const status = await eventually('the held ones', () => {
        const found = bench.status(less.uid);
        return found?.bundle === less.bundle && found.rows.size === 3 ? found : undefined;
      });
      expect([...status.rows.keys()].sort()).toEqual(['guarded', 'kept', 'stays'].map((name) => `/ConfigMap/${bench.namespace}/${name}`));
      for (const name of ['guarded', 'kept', 'replaced', 'retagged'])
        expect(await bench.kube.get(bench.path('configmaps', name))).toBeDefined();
    });

    test('prunes nothing for a bundle without objects, and nothing when pruning is off', async () => {
      const bench = of();
      const app = await bench.app('emptied', [bench.configMap('a')]);
      bench.hub.assign([app]);
      await bench.start();
      await bench.settled(app);
      const empty = await bench.app('emptied', []);
      bench.hub.assign([empty]);
      await eventually('the report', () => bench.status(app.uid)?.rows.get(`/ConfigMap/${bench.namespace}/a`)?.requiresPruning);
      const off = { ...(await bench.app('emptied', [bench.configMap('b')])), syncPolicy: { automated: {} } };
      bench.hub.assign([off]);
      await eventually('the report', () => bench.status(app.uid)?.bundle === off.bundle && bench.status(app.uid)?.sync === 'OutOfSync');
      expect(await bench.kube.get(bench.path('configmaps', 'a'))).toBeDefined();
    });

    test('never applies over another application’s object', async () => {
      const bench = of();
      const first = await bench.app('first', [bench.configMap('shared', { of: 'first' })]);
      bench.hub.assign([first]);
      await bench.start();
      await bench.settled(first);
      const second = await bench.app('second', [bench.configMap('shared', { of: 'second' }), bench.configMap('own')]);
      bench.hub.assign([first, second]);
      const condition = await eventually('the warning', () =>
        bench.status(second.uid)?.conditions?.find(({ type }) => type === 'SharedResourceWarning'),
      );
      expect(condition.message).toContain('argocd/first');
      expect((await bench.kube.get(bench.path('configmaps', 'shared')))?.data).toEqual({ of: 'first' });
      expect(await bench.kube.get(bench.path('configmaps', 'own'))).toBeDefined();
    });

    test('takes over what kubectl and Argo CD applied, with the fields Git no longer has', async () => {
      const bench = of();
      const base = bench.path('configmaps', '').replace(/\/$/, '');
      const metadata = (name: string) => ({ name, namespace: bench.namespace });
      await bench.kube.request('POST', base, {
        body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('old'), data: { k: 'old', dropped: 'x' } },
        query: { fieldManager: 'kubectl-client-side-apply' },
      });
      const tracking = { 'argocd.argoproj.io/tracking-id': `adopted:/ConfigMap:${bench.namespace}/argo` };
      await bench.kube.apply(
        `${base}/argo`,
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { ...metadata('argo'), annotations: tracking },
          data: { k: 'argo', dropped: 'x' },
        },
        { fieldManager: 'argocd-controller' },
      );
      const foreign = { 'argocd.argoproj.io/tracking-id': `somebody:/ConfigMap:${bench.namespace}/foreign` };
      await bench.kube.request('POST', base, {
        body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata('foreign'), annotations: foreign } },
      });
      const app = await bench.app(
        'adopted',
        ['old', 'argo', 'foreign'].map((name) => bench.configMap(name, { k: 'git' })),
      );
      bench.hub.assign([app]);
      await bench.start();
      await eventually('the warning', () => bench.status(app.uid)?.conditions?.find(({ type }) => type === 'SharedResourceWarning'));
      for (const name of ['old', 'argo']) expect((await bench.kube.get(bench.path('configmaps', name)))?.data).toEqual({ k: 'git' });
      expect((await bench.kube.get(bench.path('configmaps', 'foreign')))?.data).toBeUndefined();
    });

    test('after the loss of all state finds its objects again without a request', async () => {
      const bench = of();
      const app = await bench.app('found', [bench.configMap('a'), deployment('web', '1')]);
      bench.hub.assign([app]);
      await bench.start();
      await bench.settled(app);
      await bench.stop();
      for (const name of await bench.recordNames()) await bench.forgetRecord(name);
      await bench.start();
      bench.hub.apps.clear();
      await bench.settled(app);
      expect(bench.client.writes).toEqual([]);
    });
  });

  describe('a removal', () => {
    test('deletes in reverse wave order, gives a receipt, and is forgotten with the document', async () => {
      const bench = of();
      const late = bench.configMap('late', {}, { 'argocd.argoproj.io/sync-wave': '5' });
      const app = await bench.app('gone', [bench.configMap('early'), late]);
      bench.hub.assign([app]);
      await bench.start();
      await bench.settled(app);
      await patch(bench, 'late', { metadata: { finalizers: ['example.org/hold'] } });
      bench.hub.assign([], [{ uid: app.uid, namespace: app.namespace, name: app.name, mode: 'prune' }]);
      await eventually('the unfinished receipt', () => bench.hub.receipts.get(app.uid)?.remaining?.length === 2);
      expect(await bench.kube.get(bench.path('configmaps', 'early'))).toBeDefined();
      await patch(bench, 'late', { metadata: { finalizers: null } });
      await eventually('the receipt', () => bench.hub.receipts.get(app.uid)?.done);
      expect(await bench.kube.get(bench.path('configmaps', 'early'))).toBeUndefined();
      bench.hub.assign([]);
      await eventually('the record to go', async () => (await bench.recordNames()).length === 0);
    });

    test('in mode orphan leaves the objects and takes the marks off', async () => {
      const bench = of();
      const app = await bench.app('orphaned', [bench.configMap('a')]);
      bench.hub.assign([app]);
      await bench.start();
      await bench.settled(app);
      bench.hub.assign([], [{ uid: app.uid, namespace: app.namespace, name: app.name, mode: 'orphan' }]);
      await eventually('the receipt', () => bench.hub.receipts.get(app.uid)?.done);
      const live = await bench.kube.get(bench.path('configmaps', 'a'));
      expect(live?.metadata.labels).toBeUndefined();
      expect(live?.metadata.annotations).toBeUndefined();
    });

    test('never follows from silence: an application named nowhere keeps its objects and is reported', async () => {
      const bench = of();
      const app = await bench.app('silent', [bench.configMap('a')]);
      bench.hub.assign([app]);
      await bench.start();
      await bench.settled(app);
      bench.hub.assign([]);
      await eventually('the report', () => bench.hub.unassigned.find(({ uid }) => uid === app.uid));
      expect(bench.hub.unassigned).toEqual([{ uid: app.uid, name: 'argocd/silent', objects: 1 }]);
      expect(await bench.kube.get(bench.path('configmaps', 'a'))).toBeDefined();
    });
  });
}

async function patch(bench: AgentBench, name: string, body: unknown): Promise<void> {
  await bench.kube.request('PATCH', bench.path('configmaps', name), { body, contentType: 'application/merge-patch+json' });
}
