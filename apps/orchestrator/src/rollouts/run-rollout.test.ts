import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OrchestratorUnderTest } from '../testing/orchestrator-under-test.js';
import { applyStagedSet } from '../testing/staged-set.js';
import { applicationOf, configMap } from '../testing/test-documents.js';

let hub: OrchestratorUnderTest;
beforeEach(async () => {
  hub = await OrchestratorUnderTest.start();
});
afterEach(() => hub.stop());

const revisionOn = (cluster: string) => hub.agents.get(cluster)!.body.apps[0]?.revision;
const verb = (name: string, rest: object = {}) => ({ namespace: 'argocd', name, actor: 'alice', ...rest });

const stagedSet = (policy: object = {}) => applyStagedSet(hub, policy);

describe('a set with a rollout policy', () => {
  test('goes through its stages, waits for approval, and survives a restart at every step', async () => {
    await stagedSet();
    await hub.commit('c1');
    await hub.settle();
    expect((await hub.rollout('web-r1')).status).toMatchObject({
      phase: 'WaitingForApproval',
      stage: 'prod',
      summary: '3 objects change on 3 clusters',
    });
    expect(['dev', 'staging', 'prod'].map(revisionOn)).toEqual(['c1', 'c1', undefined]);
    hub.restart();
    await hub.uses.approve(verb('web-r1', { reason: 'looks fine' }));
    await hub.settle();
    expect((await hub.rollout('web-r1')).status?.phase).toBe('Completed');
    expect(revisionOn('prod')).toBe('c1');
    const { ledger } = await hub.uses.rollout({ namespace: 'argocd', name: 'web-r1' });
    expect(ledger.find(({ to }) => to === 'approved')).toMatchObject({ actor: 'alice', reason: 'stage prod: alice: looks fine' });
    expect((await hub.application('argocd', 'web-prod'))?.status).toMatchObject({
      sync: { status: 'Synced', revision: 'c1' },
      health: { status: 'Healthy' },
      history: [{ id: 0, revision: 'c1' }],
    });
  });

  test('stops where a release fails, rolls back what it changed, and never starts that content again by itself', async () => {
    await stagedSet({ onFailure: 'rollback' });
    await hub.commit('c1');
    await hub.settle();
    await hub.uses.approve(verb('web-r1'));
    await hub.settle();
    for (const agent of hub.agents.values())
      agent.outcome = ({ revision }) => (revision === 'bad' ? { health: 'Degraded', message: 'image never ready' } : {});
    await hub.commit('bad');
    await hub.settle();
    const rollout = await hub.rollout('web-r2');
    expect(rollout.status?.phase).toBe('RolledBack');
    expect(rollout.status?.failure).toContain('stage dev: 1 failed (0 allowed)');
    expect(['dev', 'staging', 'prod'].map(revisionOn)).toEqual(['c1', 'c1', 'c1']);
    expect(hub.agents.get('dev')!.body.apps[0]?.release).toBe('web-r1+2');
    expect(hub.agents.get('prod')!.position?.generation).toBe(1);
    const conditions = (await hub.application('argocd', 'web-dev'))?.status?.conditions;
    expect(conditions).toEqual([expect.objectContaining({ type: 'ReleaseBlocked' })]);
    await hub.settle();
    expect(await hub.rollout('web-r3')).toBeUndefined();
    await hub.commit('c3');
    await hub.settle();
    expect((await hub.rollout('web-r3')).status?.phase).toBe('WaitingForApproval');
  });

  test('lets a revert take over from a failed release at once', async () => {
    await stagedSet();
    await hub.commit('c1');
    await hub.settle();
    await hub.uses.approve(verb('web-r1'));
    await hub.settle();
    hub.agents.get('dev')!.outcome = ({ revision }) => (revision === 'bad' ? { health: 'Degraded' } : {});
    await hub.commit('bad');
    await hub.settle();
    expect((await hub.rollout('web-r2')).status?.phase).toBe('Paused');
    await hub.commit('c1');
    await hub.settle();
    expect((await hub.rollout('web-r2')).status?.phase).toBe('Superseded');
    expect((await hub.rollout('web-r1-2')).status?.phase).toBe('Completed');
    expect(revisionOn('dev')).toBe('c1');
  });

  test('parks an offline cluster and gives it the release when it is back', async () => {
    await stagedSet();
    await hub.commit('c1');
    await hub.settle();
    await hub.uses.approve(verb('web-r1'));
    await hub.settle();
    const prod = (await hub.cluster('prod-2', { env: 'prod' })) && hub.agents.get('prod-2')!;
    const [set] = (await hub.store.list('ApplicationSet')).items;
    await hub.apply(
      applicationOf('web-prod-2', 'prod-2', {
        metadata: {
          ownerReferences: [{ apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', name: 'web', uid: set!.metadata.uid! }],
        },
      }),
    );
    await hub.settle();
    expect(prod.body.apps[0]?.revision).toBe('c1');
    await hub.setPhase('prod-2', 'Unknown');
    await hub.commit('c2');
    await hub.settle();
    await hub.uses.approve(verb('web-r2'));
    await hub.settle();
    const parked = await hub.rollout('web-r2');
    expect(parked.status).toMatchObject({ phase: 'Completed', stages: [{}, {}, { healthy: 1, parked: 1 }] });
    const unknown = (await hub.application('argocd', 'web-prod-2'))?.status;
    expect(unknown).toMatchObject({ health: { status: 'Unknown' }, sync: { status: 'Unknown' }, unknownSince: expect.any(String) });
    await hub.setPhase('prod-2', 'Connected');
    await hub.settle();
    expect(prod.body.apps[0]?.revision).toBe('c2');
    expect((await hub.rollout('web-r2')).status?.stages?.[2]).toMatchObject({ healthy: 2, parked: 0 });
  });

  test('goes on releasing while a cluster is away, which then gets the newest release only', async () => {
    await stagedSet({ stages: [{ name: 'all' }] });
    await hub.commit('c1');
    await hub.settle();
    await hub.setPhase('prod', 'Unknown');
    for (const commit of ['c2', 'c3']) {
      await hub.commit(commit);
      await hub.settle();
    }
    expect(['dev', 'staging', 'prod'].map(revisionOn)).toEqual(['c3', 'c3', 'c1']);
    expect((await hub.rollout('web-r3')).status).toMatchObject({ phase: 'Completed', stages: [{ healthy: 2, parked: 1 }] });
    expect(await hub.rollout('web-r2-2')).toBeUndefined();
    await hub.setPhase('prod', 'Connected');
    await hub.settle();
    expect([revisionOn('prod'), hub.agents.get('prod')!.position?.generation]).toEqual(['c3', 2]);
    expect((await hub.rollout('web-r3')).status?.stages).toMatchObject([{ healthy: 3, parked: 0 }]);
  });

  test('leaves a cluster alone that no stage selects, until one does', async () => {
    await stagedSet({ stages: [{ name: 'dev', clusterSelector: { matchLabels: { env: 'dev' } } }] });
    await hub.commit('c1');
    await hub.settle();
    await hub.settle();
    expect(['dev', 'staging', 'prod'].map(revisionOn)).toEqual(['c1', undefined, undefined]);
    expect((await hub.rollout('web-r1')).status?.phase).toBe('Completed');
    expect(await hub.query('SELECT count(*)::int AS n FROM orchestrator.rollouts')).toEqual([{ n: 1 }]);
    await hub.setPhase('prod', 'Connected', { labels: { env: 'dev' } });
    await hub.settle();
    expect(['dev', 'staging', 'prod'].map(revisionOn)).toEqual(['c1', undefined, 'c1']);
  });

  test('is held as a whole by one application that does not render; the last good state stays', async () => {
    await stagedSet({ stages: [{ name: 'all' }] });
    await hub.commit('c1');
    await hub.settle();
    hub.content = (name, commit) => {
      if (name === 'web-staging') throw new Error('values.yaml: no such file');
      return [configMap(name, commit)];
    };
    await hub.commit('c2');
    await hub.settle();
    expect(['dev', 'staging', 'prod'].map(revisionOn)).toEqual(['c1', 'c1', 'c1']);
    const conditionsOf = async (name: string) =>
      (await hub.application('argocd', name))?.status?.conditions?.map(({ type, message }) => `${type} ${message}`);
    expect(await conditionsOf('web-staging')).toEqual([
      expect.stringContaining('ComparisonError values.yaml'),
      expect.stringContaining('ReleaseHeld'),
    ]);
    expect(await conditionsOf('web-dev')).toEqual([expect.stringContaining('waits for web-staging')]);
  });

  test('can be paused, resumed, aborted and retried, each with a reason in the ledger', async () => {
    await stagedSet();
    await hub.commit('c1');
    await hub.settle();
    await hub.uses.pause(verb('web-r1'));
    await hub.uses.resume(verb('web-r1'));
    await expect(hub.uses.resume(verb('web-r1'))).rejects.toThrow('is WaitingForApproval');
    await hub.uses.abort(verb('web-r1', { reason: 'wrong day' }));
    await hub.settle();
    expect((await hub.rollout('web-r1')).status).toMatchObject({ phase: 'Aborted', message: 'alice: wrong day' });
    await hub.uses.retry(verb('web-r1'));
    await hub.settle();
    expect((await hub.rollout('web-r1-2')).status?.phase).toBe('WaitingForApproval');
    await expect(hub.uses.approve(verb('nope'))).rejects.toThrow('no FleetRollout argocd/nope');
  });

  test('comes to the same end when two copies work on it at once', async () => {
    hub.copy();
    await stagedSet({ stages: [{ name: 'one', count: 1 }, { name: 'rest' }] });
    await hub.commit('c1');
    await hub.settle();
    await hub.commit('c2');
    await hub.settle();
    expect((await hub.rollout('web-r2')).status?.phase).toBe('Completed');
    expect([...hub.agents.values()].map(({ position }) => position?.generation)).toEqual([2, 2, 2]);
    const { ledger } = await hub.uses.rollout({ namespace: 'argocd', name: 'web-r2' });
    const assigned = ledger.filter(({ from, to }) => from === 'waiting' && to === 'updating').map(({ reason }) => reason);
    expect(assigned).toHaveLength(new Set(assigned).size);
    expect(await hub.query('SELECT count(*)::int AS n FROM orchestrator.releases')).toEqual([{ n: 2 }]);
  });

  test('names a policy that does not exist and moves nothing', async () => {
    await stagedSet();
    const [set] = (await hub.store.list('ApplicationSet')).items;
    await hub.apply({ ...set!, metadata: { ...set!.metadata, annotations: { 'flotilla.dev/rollout-policy': 'stagd' } } });
    await hub.commit('c1');
    await hub.settle();
    expect(revisionOn('dev')).toBeUndefined();
    expect((await hub.application('argocd', 'web-dev'))?.status?.conditions?.[0]?.message).toContain('"stagd", which does not exist');
  });
});
