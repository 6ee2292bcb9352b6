import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OrchestratorUnderTest } from '../testing/orchestrator-under-test.js';
import { applyStagedSet } from '../testing/staged-set.js';
import { applicationOf } from '../testing/test-documents.js';

let hub: OrchestratorUnderTest;
beforeEach(async () => {
  hub = await OrchestratorUnderTest.start();
});
afterEach(() => hub.stop());

async function commits(from: number, to: number): Promise<void> {
  for (let i = from; i <= to; i++) {
    await hub.commit(`c${i}`);
    await hub.settle();
  }
}
async function prune(): Promise<void> {
  hub.clock.advance(10_000);
  await hub.settle();
}
const documents = async (kind: string) => {
  const { items } = await hub.store.list(kind);
  return items.map(({ metadata }) => Number(/-[ra](\d+)/.exec(metadata.name)![1])).sort((a, b) => a - b);
};
const rows = async (table: string) => Number((await hub.query(`SELECT count(*) AS n FROM orchestrator.${table}`))[0]!.n);
const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('releases and runs of a set', () => {
  test('are kept as deep as its applications ask, rows and documents, besides one that an offline cluster still runs', async () => {
    await applyStagedSet(hub, { stages: [{ name: 'all' }] }, { revisionHistoryLimit: 3 });
    await commits(1, 1);
    await hub.setPhase('prod', 'Unknown');
    await commits(2, 6);
    await prune();
    expect(await documents('Release')).toEqual([1, ...span(4, 6)]);
    expect(await documents('FleetRollout')).toEqual([1, ...span(4, 6)]);
    expect([await rows('releases'), await rows('rollouts')]).toEqual([4, 4]);
    await hub.setPhase('prod', 'Connected');
    await hub.settle();
    expect(hub.agents.get('prod')!.body.apps[0]?.revision).toBe('c6');
    await commits(7, 7);
    await prune();
    expect(await documents('Release')).toEqual(span(5, 7));
  });

  test('keep the last good release and the one a rollback would go to, however old', async () => {
    await applyStagedSet(hub, { stages: [{ name: 'all' }] }, { revisionHistoryLimit: 3 });
    await commits(1, 2);
    hub.agents.get('dev')!.outcome = ({ revision }) => (revision === 'c1' || revision === 'c2' ? {} : { health: 'Degraded' });
    await commits(3, 7);
    await prune();
    const kept = await documents('Release');
    expect(kept).toEqual([2, ...span(5, 7)]);
    expect((await hub.rollout('web-r7')).spec.previousRelease).toBe('web-r2');
    await hub.uses.rollback({ namespace: 'argocd', name: 'web-r7', actor: 'alice' });
    await hub.settle();
    expect((await hub.rollout('web-r7')).status?.phase).toBe('RolledBack');
  });

  test('go with their set', async () => {
    await applyStagedSet(hub);
    await commits(1, 1);
    await hub.uses.approve({ namespace: 'argocd', name: 'web-r1', actor: 'alice' });
    await commits(2, 2);
    expect((await hub.rollout('web-r2')).status?.phase).toBe('WaitingForApproval');
    for (const name of ['web-dev', 'web-staging', 'web-prod']) {
      await hub.store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'Application', namespace: 'argocd', name }));
    }
    await hub.store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'ApplicationSet', namespace: 'argocd', name: 'web' }));
    await hub.settle();
    await hub.uses.applicationSet({ kind: 'ApplicationSet', namespace: 'argocd', name: 'web' });
    await hub.settle();
    expect([await rows('releases'), await rows('rollouts'), await rows('units')]).toEqual([0, 0, 0]);
    expect([await documents('Release'), await documents('FleetRollout')]).toEqual([[], []]);
  });
});

describe('releases of a single application', () => {
  test('are kept as deep as its revisionHistoryLimit says', async () => {
    await hub.cluster('one');
    await hub.apply(applicationOf('app', 'one', { spec: { revisionHistoryLimit: 2 } }));
    await commits(1, 6);
    await prune();
    expect(await documents('Release')).toEqual([5, 6]);
  });
});

test('ten are kept by default, and the sweep finds what nobody was told to look at', async () => {
  await hub.cluster('one');
  await hub.apply(applicationOf('app', 'one'));
  await commits(1, 12);
  await hub.query(`DELETE FROM orchestrator.work WHERE kind = 'history'`);
  await hub.uses.sweepHistory();
  await hub.settle();
  expect(await documents('Release')).toEqual(span(3, 12));
});
