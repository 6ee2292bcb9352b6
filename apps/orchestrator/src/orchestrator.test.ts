import { canonicalJson } from '@flotilla/kernel';
import { verifySignature } from '@flotilla/keyring';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OrchestratorUnderTest } from './testing/orchestrator-under-test.js';
import { applicationOf, configMap } from './testing/test-documents.js';

let hub: OrchestratorUnderTest;
beforeEach(async () => {
  hub = await OrchestratorUnderTest.start();
});
afterEach(() => hub.stop());

describe('a single application', () => {
  test('is assigned signed and at once when automated, and again only when its content changes', async () => {
    const agent = await hub.cluster('one');
    hub.content = () => [configMap('app', 'always the same')];
    await hub.apply(applicationOf('app', 'one'));
    await hub.commit('c1');
    await hub.settle();
    expect(agent.body.apps).toMatchObject([{ name: 'app', release: 'app-a1', revision: 'c1', apply: true }]);
    const [row] = await hub.query('SELECT signed FROM orchestrator.documents');
    const { header, signature } = row!.signed as { header: object; signature: string };
    expect(verifySignature(hub.keyring.signingKey, canonicalJson(header), signature)).toBe(true);
    await hub.commit('c2');
    await hub.settle();
    expect(agent.position).toEqual({ epoch: 1, generation: 1 });
    expect((await hub.application('argocd', 'app'))?.status?.sync).toMatchObject({ status: 'Synced', revision: 'c2' });
  });

  test('without automation is compared only, until somebody syncs it', async () => {
    const agent = await hub.cluster('one');
    await hub.apply(applicationOf('app', 'one', { spec: { syncPolicy: {} } }));
    await hub.commit('c1');
    await hub.settle();
    expect(agent.body.apps).toMatchObject([{ apply: false }]);
    expect((await hub.application('argocd', 'app'))?.status?.sync?.status).toBe('OutOfSync');
    await expect(
      hub.uses.sync({ namespace: 'argocd', name: 'app', actor: 'bob', sync: { revision: 'other' }, retry: undefined }),
    ).rejects.toThrow('other');
    const { operation } = await hub.uses.sync({ namespace: 'argocd', name: 'app', actor: 'bob', sync: { prune: true }, retry: undefined });
    await hub.settle();
    expect(agent.body.apps[0]?.operation).toEqual({ id: operation, initiatedBy: { username: 'bob' }, sync: { prune: true } });
    expect((await hub.application('argocd', 'app'))?.status).toMatchObject({
      sync: { status: 'Synced' },
      operationState: { phase: 'Succeeded', operation: { initiatedBy: { username: 'bob' } } },
    });
  });

  test('takes the operation field of its document as a sync and clears it', async () => {
    const agent = await hub.cluster('one');
    await hub.apply(applicationOf('app', 'one', { spec: { syncPolicy: {} } }));
    await hub.commit('c1');
    await hub.settle();
    await hub.apply({ ...applicationOf('app', 'one', { spec: { syncPolicy: {} } }), operation: { sync: {} } });
    await hub.settle();
    expect(agent.body.apps[0]?.operation).toMatchObject({ sync: {} });
    expect((await hub.application('argocd', 'app'))?.operation).toBeUndefined();
  });

  test('is removed by name, and its document goes only after the receipt', async () => {
    const agent = await hub.cluster('one');
    await hub.apply(applicationOf('app', 'one', { metadata: { finalizers: ['resources-finalizer.argocd.argoproj.io'] } }));
    await hub.commit('c1');
    await hub.settle();
    const uid = agent.body.apps[0]!.uid;
    await hub.setPhase('one', 'Unknown');
    await hub.store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'Application', namespace: 'argocd', name: 'app' }));
    await hub.settle();
    expect(agent.receipts).toEqual(new Set());
    expect((await hub.application('argocd', 'app'))?.metadata).toMatchObject({ uid, deletionTimestamp: expect.any(String) });
    await hub.setPhase('one', 'Connected');
    await hub.settle();
    expect(agent.receipts).toEqual(new Set([`prune ${uid}`]));
    await hub.settle();
    expect(await hub.application('argocd', 'app')).toBeUndefined();
    expect(agent.body).toEqual({ apps: [], grants: [], removals: [] });
  });

  test('that moves leaves a removal on its old cluster', async () => {
    const [one, two] = [await hub.cluster('one'), await hub.cluster('two')];
    await hub.apply(applicationOf('app', 'one'));
    await hub.commit('c1');
    await hub.settle();
    await hub.apply(applicationOf('app', 'two'));
    await hub.settle();
    expect([...one.receipts].map((text) => text.split(' ')[0])).toEqual(['orphan']);
    expect(two.body.apps.map(({ name }) => name)).toEqual(['app']);
    expect(one.body.apps).toEqual([]);
  });

  test('with an unknown destination or a forbidden one says so and goes nowhere', async () => {
    await hub.cluster('one');
    await hub.apply({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: 'team', namespace: 'argocd' },
      spec: { sourceRepos: ['*'], destinations: [{ name: 'other', namespace: '*' }] },
    });
    await hub.apply(applicationOf('lost', 'nowhere'));
    await hub.apply(applicationOf('foreign', 'one', { spec: { project: 'team' } }));
    await hub.commit('c1');
    await hub.settle();
    const message = async (name: string) => (await hub.application('argocd', name))?.status?.conditions?.[0]?.message;
    expect(await message('lost')).toContain('no cluster with name "nowhere"');
    expect(await message('foreign')).toContain('not permitted');
    expect(hub.agents.get('one')!.body.apps).toEqual([]);
  });

  test('that renders to nothing keeps what it has', async () => {
    const agent = await hub.cluster('one');
    await hub.apply(applicationOf('app', 'one'));
    await hub.commit('c1');
    await hub.settle();
    hub.content = () => [];
    await hub.commit('c2');
    await hub.settle();
    expect(agent.body.apps[0]?.revision).toBe('c1');
    expect((await hub.application('argocd', 'app'))?.status?.conditions?.[0]?.message).toContain('renders to no object');
  });
});

describe('app of apps', () => {
  test('puts its children into the hub itself, names what it cannot apply, and takes them away again', async () => {
    const agent = await hub.cluster('one');
    const child = { ...applicationOf('child', 'one') };
    hub.content = (name) => (name === 'root' ? [child, configMap('stray', 'x')] : [configMap(name, 'x')]);
    const metadata = { finalizers: ['resources-finalizer.argocd.argoproj.io'] };
    await hub.apply(applicationOf('root', 'in-cluster', { metadata }));
    await hub.commit('c1');
    await hub.settle();
    await hub.settle();
    expect(agent.body.apps.map(({ name }) => name)).toEqual(['child']);
    expect((await hub.application('argocd', 'root'))?.status).toMatchObject({
      sync: { status: 'Synced' },
      conditions: [{ type: 'NoLocalCluster' }],
    });
    await hub.store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'Application', namespace: 'argocd', name: 'root' }));
    for (let i = 0; i < 4; i++) {
      hub.clock.advance(1_000);
      await hub.settle();
    }
    expect(await hub.application('argocd', 'child')).toBeUndefined();
    expect(await hub.application('argocd', 'root')).toBeUndefined();
  });

  test('never takes a protected child away unasked, neither by its source nor with its parent', async () => {
    await hub.cluster('one');
    const child = applicationOf('guarded', 'one', { metadata: { labels: { 'flotilla.dev/protected': 'true' } } });
    hub.content = (name, commit) =>
      name === 'top' && commit === 'c1' ? [child, applicationOf('plain', 'one')] : [applicationOf('plain', 'one')];
    const metadata = { finalizers: ['resources-finalizer.argocd.argoproj.io'] };
    const spec = { syncPolicy: { automated: { prune: true } } };
    await hub.apply(applicationOf('top', 'in-cluster', { metadata, spec }));
    const settle = async () => {
      for (let i = 0; i < 4; i++) {
        hub.clock.advance(1_000);
        await hub.settle();
      }
    };
    await hub.commit('c1');
    await settle();
    await hub.commit('c2');
    await settle();
    const isThere = async () => (await hub.application('argocd', 'guarded'))?.metadata.deletionTimestamp === undefined;
    expect([await hub.application('argocd', 'guarded'), await isThere()]).toEqual([expect.anything(), true]);
    const conditions = (await hub.application('argocd', 'top'))?.status?.conditions;
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'PruneHeld', message: expect.stringContaining('flotilla.dev/protected') }),
    );
    await hub.store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'Application', namespace: 'argocd', name: 'top' }));
    await settle();
    expect([await hub.application('argocd', 'guarded'), await isThere()]).toEqual([expect.anything(), true]);
    await hub.store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'Application', namespace: 'argocd', name: 'guarded' }));
    await settle();
    expect(await hub.application('argocd', 'top')).toBeUndefined();
  });
});
