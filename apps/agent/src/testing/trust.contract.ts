import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '@flotilla/kernel';
import { describe, expect, test } from 'vitest';
import { type AgentBench, eventually } from './agent-bench.js';

const CANARY = 'canary-7f3a9c';

/** What the agent believes, what it keeps, and what it says. */
export function trustSuite(of: () => AgentBench): void {
  describe('trust', () => {
    test('takes up only what the pinned key signed for this spoke and is newer', async () => {
      const bench = of();
      const app = await bench.app('trusted', [bench.configMap('a', { k: '1' })]);
      bench.hub.assign([app]);
      await bench.start();
      await bench.settled(app);
      const evil = await bench.app('trusted', [bench.configMap('a', { k: 'evil' })]);
      const body = canonicalJson({ apps: [evil], grants: [], removals: [] });
      const good = bench.hub.signHeader(body, { generation: 50 });
      bench.hub.serve({ ...good, header: { ...good.header, generation: 51 } }, body);
      bench.hub.serve(bench.hub.signHeader(body, { generation: 52, spoke: 's_other' }), body);
      bench.hub.serve(bench.hub.signHeader(body, { generation: 53, fleet: 'other' }), body);
      bench.hub.serve(good, canonicalJson({ apps: [], grants: [], removals: [] }));
      bench.hub.serve(bench.hub.signHeader(body, { generation: 0 }), body);
      bench.hub.ask({ verb: 'refresh', app: app.uid });
      await eventually('the answer', () => bench.hub.answers.length > 0);
      expect((await bench.kube.get(bench.path('configmaps', 'a')))?.data).toEqual({ k: '1' });
      await eventually('a beat', () => bench.hub.beats.some(({ position }) => position?.generation === 1));
      expect(bench.hub.beats.filter(({ position }) => position && position.generation !== 1)).toEqual([]);
    });

    test('leaves alone what the owner of the spoke forbids, and looks after the rest', async () => {
      const bench = of();
      const other = `${bench.namespace}-other`;
      await bench.makeNamespace(other);
      const elsewhere = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'elsewhere', namespace: other } };
      const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: bench.namespace }, rules: [] };
      const app = await bench.app('fenced', [bench.configMap('a', { k: 'v' }), elsewhere, role]);
      bench.hub.assign([app]);
      await bench.start({ agentAllowNamespaces: [bench.namespace] });
      await eventually('the allowed object', () => bench.kube.get(bench.path('configmaps', 'a')));
      const rows = await eventually('the report', () => {
        const found = bench.status(app.uid)?.rows;
        return found?.get(`/ConfigMap/${bench.namespace}/a`)?.sync === 'Synced' ? found : undefined;
      });
      expect(rows.get(`/ConfigMap/${other}/elsewhere`)?.message).toContain('allow-list');
      expect(rows.get(`rbac.authorization.k8s.io/ClusterRole//${bench.namespace}`)?.message).toContain('allow-list');
      await bench.kube.request('DELETE', bench.path('configmaps', 'a'));
      await eventually('the object to be healed', () => bench.kube.get(bench.path('configmaps', 'a')));
      expect(await bench.kube.get(bench.path('configmaps', 'elsewhere', other))).toBeUndefined();
      expect(await bench.kube.get(`/apis/rbac.authorization.k8s.io/v1/clusterroles/${bench.namespace}`)).toBeUndefined();
    });

    test('tells the hub which kinds live outside namespaces', async () => {
      const bench = of();
      await bench.start();
      const hello = await eventually('the hello', () => bench.hub.hellos[0]);
      expect(hello.clusterKinds).toEqual(expect.arrayContaining(['/Namespace', 'rbac.authorization.k8s.io/ClusterRole']));
      expect(hello.clusterKinds).not.toContain('apps/Deployment');
      expect(hello.apiVersions).toContain('apps/v1/Deployment');
    });

    test('ends when another instance takes the spoke over', async () => {
      const bench = of();
      const agent = await bench.start();
      await eventually('the session', () => bench.hub.hellos.length > 0);
      bench.hub.ask({ verb: 'stop' });
      expect(await agent.ended).toBe('superseded');
    });
  });

  describe('secrets', () => {
    test('arrive sealed, rest sealed, and leave masked', async () => {
      const bench = of();
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login' }, type: 'Opaque', stringData: { password: CANARY } };
      const app = await bench.app('secretive', [secret]);
      bench.hub.assign([app]);
      await bench.start();
      await bench.settled(app);
      const live = await bench.kube.get(bench.path('secrets', 'login'));
      expect(live?.data).toEqual({ password: Buffer.from(CANARY).toString('base64') });
      const key = `/Secret/${bench.namespace}/login`;
      bench.hub.ask({ verb: 'live', app: app.uid, resource: key });
      await eventually('the live answer', () => bench.hub.answers.length === 1);
      await bench.kube.request('PATCH', bench.path('secrets', 'login'), {
        body: { data: { password: Buffer.from(`${CANARY}-edited`).toString('base64') } },
        contentType: 'application/merge-patch+json',
      });
      await eventually('the heal', async () => {
        const healed = await bench.kube.get(bench.path('secrets', 'login'));
        return (healed?.data as Record<string, string> | undefined)?.password === Buffer.from(CANARY).toString('base64');
      });
      const said = JSON.stringify([bench.hub.answers, [...bench.hub.apps.values()].map((a) => [...a.rows.values()])]);
      for (const form of [CANARY, Buffer.from(CANARY).toString('base64')]) {
        expect(said).not.toContain(form);
        for (const file of await filesOf(bench.stateDir)) expect((await readFile(file)).includes(form)).toBe(false);
      }
    });

    test('of a whole tree and its differences are answered in parts the hub can read', async () => {
      const bench = of();
      const app = await bench.app('asked', [bench.configMap('a', { k: 'v' })], { syncPolicy: { automated: {} } });
      bench.hub.assign([app]);
      await bench.start();
      await bench.settled(app);
      bench.hub.ask({ verb: 'tree', app: app.uid });
      const tree = await eventually('the tree', () => bench.hub.answers[0] as { content: { nodes: { kind: string }[] } });
      expect(tree.content.nodes.map(({ kind }) => kind)).toEqual(['ConfigMap']);
      await bench.kube.request('PATCH', bench.path('configmaps', 'a'), {
        body: { data: { k: 'x' } },
        contentType: 'application/merge-patch+json',
      });
      await eventually('the drift', () => bench.status(app.uid)?.sync === 'OutOfSync');
      bench.hub.ask({ verb: 'diff', app: app.uid });
      const diff = await eventually('the diff', () => bench.hub.answers[1] as { content: { differences: unknown[] } });
      expect(diff.content.differences).toEqual([{ pointer: '/data/k', desired: 'v', live: 'x' }]);
    });
  });
}

async function filesOf(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
