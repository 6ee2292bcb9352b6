import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OrchestratorUnderTest } from '../testing/orchestrator-under-test.js';
import { applyStagedSet } from '../testing/staged-set.js';

let hub: OrchestratorUnderTest;
beforeEach(async () => {
  hub = await OrchestratorUnderTest.start();
});
afterEach(() => hub.stop());

const ALL = ['dev', 'staging', 'prod'];
const revisions = () => ALL.map((cluster) => hub.agents.get(cluster)!.body.apps[0]?.revision);
const verb = (name: string, rest: object = {}) => ({ namespace: 'argocd', name, actor: 'alice', ...rest });
const phase = async (name: string) => (await hub.rollout(name))?.status?.phase;
const ledger = async (name: string) => (await hub.uses.rollout({ namespace: 'argocd', name })).ledger;

async function commit(revision: string): Promise<void> {
  await hub.commit(revision);
  await hub.settle();
}
const fails = (bad: string) => {
  for (const agent of hub.agents.values()) agent.outcome = ({ revision }) => (revision === bad ? { health: 'Degraded' } : {});
};
const recover = () => {
  for (const agent of hub.agents.values()) agent.outcome = () => ({});
};

/** c1, c2, ... everywhere. */
async function completed(...commits: string[]): Promise<void> {
  await applyStagedSet(hub, { stages: [{ name: 'all' }] });
  for (const revision of commits) await commit(revision);
}

describe('pause', () => {
  test('keeps the next stage from starting whatever clusters report, until resume', async () => {
    await applyStagedSet(hub);
    const dev = hub.agents.get('dev')!;
    dev.outcome = () => ({ health: 'Progressing' });
    await commit('c1');
    await hub.uses.pause(verb('web-r1', { reason: 'lunch' }));
    recover();
    await hub.settle();
    expect([await phase('web-r1'), revisions()]).toEqual(['Paused', ['c1', undefined, undefined]]);
    expect((await hub.rollout('web-r1')).spec.paused).toBe(true);
    await hub.uses.resume(verb('web-r1'));
    await hub.settle();
    expect([await phase('web-r1'), revisions()]).toEqual(['WaitingForApproval', ['c1', 'c1', undefined]]);
    expect((await hub.rollout('web-r1')).spec.paused).toBe(false);
    expect((await ledger('web-r1')).filter(({ actor }) => actor === 'alice').map(({ to, reason }) => `${to} ${reason}`)).toEqual([
      'Paused alice: lunch',
      'Progressing asked by alice',
    ]);
  });
});

describe('reject', () => {
  test('ends a run that waits for approval; later stages never see the release, and it does not start again by itself', async () => {
    await applyStagedSet(hub);
    await commit('c1');
    await hub.uses.reject(verb('web-r1', { reason: 'not today' }));
    await hub.settle();
    expect([await phase('web-r1'), revisions()]).toEqual(['Aborted', ['c1', 'c1', undefined]]);
    expect((await ledger('web-r1')).at(-1)).toMatchObject({ actor: 'alice', to: 'Aborted', reason: 'alice: not today' });
    await hub.settle();
    expect(await hub.rollout('web-r1-2')).toBeUndefined();
    await expect(hub.uses.reject(verb('web-r1'))).rejects.toThrow('reject is for one that is WaitingForApproval');
  });
});

describe('rollback', () => {
  test('of a completed run points every cluster back, verified, and blocks that content', async () => {
    await completed('c1', 'c2');
    await hub.uses.rollback(verb('web-r2', { reason: 'latency' }));
    await hub.settle();
    expect([await phase('web-r2'), revisions()]).toEqual(['RolledBack', ['c1', 'c1', 'c1']]);
    expect((await hub.rollout('web-r2')).status?.failure).toBeUndefined();
    expect((await ledger('web-r2')).find(({ to }) => to === 'RollingBack')).toMatchObject({ actor: 'alice', reason: 'alice: latency' });
    expect((await hub.application('argocd', 'web-dev'))?.status?.conditions).toEqual([expect.objectContaining({ type: 'ReleaseBlocked' })]);
  });

  test('goes back to the release that is named', async () => {
    await completed('c1', 'c2', 'c3');
    await expect(hub.uses.rollback(verb('web-r3', { release: 'web-r9' }))).rejects.toThrow('release web-r9 of this set is not known');
    await hub.uses.rollback(verb('web-r3', { release: 'web-r1' }));
    await hub.settle();
    expect([await phase('web-r3'), revisions()]).toEqual(['RolledBack', ['c1', 'c1', 'c1']]);
  });

  test('is refused for a run that another one followed, and names that one', async () => {
    await completed('c1', 'c2', 'c3');
    await expect(hub.uses.rollback(verb('web-r2'))).rejects.toThrow('argocd/web-r3 came later');
    expect(revisions()).toEqual(['c3', 'c3', 'c3']);
  });

  test('of a run in its first stage leaves clusters alone that it never changed', async () => {
    await applyStagedSet(hub);
    await commit('c1');
    await hub.uses.approve(verb('web-r1'));
    await hub.settle();
    fails('c2');
    await commit('c2');
    expect(await phase('web-r2')).toBe('Paused');
    const before = hub.agents.get('prod')!.position;
    await hub.uses.rollback(verb('web-r2'));
    await hub.settle();
    expect([await phase('web-r2'), revisions()]).toEqual(['RolledBack', ['c1', 'c1', 'c1']]);
    expect(hub.agents.get('prod')!.position).toEqual(before);
  });
});

describe('retry', () => {
  test('of a paused run tries its failed clusters again and goes on when they are healthy', async () => {
    await applyStagedSet(hub);
    fails('c1');
    await commit('c1');
    expect(await phase('web-r1')).toBe('Paused');
    recover();
    await hub.uses.retry(verb('web-r1'));
    await hub.settle();
    expect([await phase('web-r1'), revisions()]).toEqual(['WaitingForApproval', ['c1', 'c1', undefined]]);
    expect(hub.agents.get('dev')!.body.apps[0]?.operation).toMatchObject({ sync: {} });
  });

  test('of an aborted run does not take a cluster for healthy because it has the content already', async () => {
    await applyStagedSet(hub);
    fails('c1');
    await commit('c1');
    await hub.uses.abort(verb('web-r1'));
    await hub.settle();
    await hub.uses.retry(verb('web-r1', { reason: 'again' }));
    await hub.settle();
    expect((await ledger('web-r1')).at(-1)).toMatchObject({ actor: 'alice', reason: 'release web-r1 starts again: alice: again' });
    expect([await phase('web-r1-2'), revisions()]).toEqual(['Paused', ['c1', undefined, undefined]]);
    expect((await hub.rollout('web-r1-2')).status?.message).toContain('stage dev: 1 failed');
  });

  test('of a release that failed on every cluster it has is a run, and no silent success', async () => {
    await applyStagedSet(hub, { stages: [{ name: 'all' }], onFailure: 'rollback', maxConcurrent: 3 });
    fails('c1');
    await commit('c1');
    expect(await phase('web-r1')).toBe('Failed');
    await hub.uses.retry(verb('web-r1'));
    await hub.settle();
    expect(await phase('web-r1-2')).toBe('Failed');
    recover();
    await hub.uses.retry(verb('web-r1-2'));
    await hub.settle();
    expect(await phase('web-r1-3')).toBe('Completed');
  });

  test('of a completed run tries the failures it was allowed', async () => {
    await applyStagedSet(hub, { stages: [{ name: 'all' }], maxFailures: 3 });
    hub.agents.get('prod')!.outcome = () => ({ health: 'Degraded' });
    await commit('c1');
    expect((await hub.rollout('web-r1')).status).toMatchObject({ phase: 'Completed', stages: [{ healthy: 2, failed: 1 }] });
    recover();
    await hub.uses.retry(verb('web-r1'));
    await hub.settle();
    expect((await hub.rollout('web-r1')).status?.stages).toMatchObject([{ healthy: 3, failed: 0 }]);
  });

  test('is refused for a release that another one followed', async () => {
    await completed('c1', 'c2');
    await expect(hub.uses.retry(verb('web-r1'))).rejects.toThrow('release web-r1 is not the newest of its unit any more');
  });
});
