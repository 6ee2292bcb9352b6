import { InvalidInputError } from '@flotilla/kernel';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OrchestratorUnderTest } from '../testing/orchestrator-under-test.js';
import { applyStagedSet } from '../testing/staged-set.js';
import { configMap } from '../testing/test-documents.js';

let hub: OrchestratorUnderTest;
beforeEach(async () => {
  hub = await OrchestratorUnderTest.start();
});
afterEach(() => hub.stop());

const revisionOn = (cluster: string) => hub.agents.get(cluster)!.body.apps[0]?.revision;

describe('the plan of a set', () => {
  test('shows its plan before anything moves', async () => {
    await applyStagedSet(hub, { stages: [{ name: 'all' }] });
    await hub.commit('c1');
    await hub.settle();
    hub.content = (name, commit) => [configMap('shared', commit), configMap(name, 'same')];
    const plan = await hub.uses.plan({ kind: 'ApplicationSet', namespace: 'argocd', name: 'web', revision: 'next' });
    expect(plan.stages).toEqual([{ name: 'all', approval: false, clusters: ['dev', 'prod', 'staging'] }]);
    expect(plan.changes.map(({ clusters, objects }) => [clusters, objects.length])).toEqual([
      [['dev'], 2],
      [['prod'], 2],
      [['staging'], 2],
    ]);
    expect(['dev', 'staging', 'prod'].map(revisionOn)).toEqual(['c1', 'c1', 'c1']);
  });

  test("plans what becomes of the set's applications: created, changed, deleted, and held by the guard", async () => {
    await applyStagedSet(hub, { stages: [{ name: 'all' }] });
    await hub.commit('c1');
    await hub.settle();
    const none = { total: 0, names: [] };
    const intent = {
      create: { total: 1, names: ['web-qa'] },
      change: none,
      delete: { total: 1, names: ['web-dev'] },
      hold: { total: 1200, names: ['web-prod', 'web-staging'] },
    };
    hub.bus.serve('expander', 'generate', (request) => {
      expect(request).toEqual({ namespace: 'argocd', name: 'web' });
      return { digest: 'd', count: 1, warnings: [], held: [], heldCount: 0, intent };
    });
    const plan = await hub.uses.plan({ kind: 'ApplicationSet', namespace: 'argocd', name: 'web', revision: 'next' });
    expect(plan).toMatchObject({
      deletions: ['web-dev', 'web-prod', 'web-staging'],
      held: true,
      applications: { create: ['web-qa'], change: [], delete: ['web-dev'], held: ['web-prod', 'web-staging'] },
      stages: [{ clusters: ['prod', 'staging'] }],
      warnings: ['only the first 2 of 1200 applications to hold are listed'],
    });
    expect(plan.summary).toBe(
      '2 objects change on 2 clusters; 1 application would be created; 1 application would be deleted; ' +
        'deletion of 1200 applications is HELD (release with: flotilla appset confirm-deletes web NAME...)',
    );
    hub.bus.serve('expander', 'generate', () => {
      throw new InvalidInputError('spec.generators[0] names the unknown generator "clutsers"');
    });
    const unknown = await hub.uses.plan({ kind: 'ApplicationSet', namespace: 'argocd', name: 'web' });
    expect([unknown.applications, unknown.warnings]).toEqual([
      undefined,
      [expect.stringContaining('is not known now: spec.generators[0]')],
    ]);
  });
});
