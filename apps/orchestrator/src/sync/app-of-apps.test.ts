import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppsOfApps, childrenOf } from '../testing/apps-of-apps.js';
import { applicationOf } from '../testing/test-documents.js';

let apps: AppsOfApps;

beforeAll(async () => {
  apps = await AppsOfApps.start();
  await apps.hub.cluster('vault', { 'flotilla.dev/protected': 'true' });
});
afterAll(() => apps?.hub.stop());

const project = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  spec: { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] },
};

describe('an application of applications whose source loses many documents', () => {
  test('holds them, says which and why, and lets those go that are confirmed by name', async () => {
    const all = childrenOf('many', 7);
    await apps.root('many', all);
    await apps.push('many', all.slice(6));
    expect(await apps.condition('many', 'PruneHeld')).toBe(
      '6 of 7 documents would be deleted and are held (more than max-deletions 5): Application/many-0, Application/many-1, Application/many-2, ' +
        'Application/many-3, Application/many-4, Application/many-5; why: not in https://git.example/fleet.git path apps at c2 any more; ' +
        'release with: flotilla app confirm-deletion many Application/many-0 Application/many-1 Application/many-2 Application/many-3 ' +
        'Application/many-4 Application/many-5',
    );
    expect(await apps.those(all)).toHaveLength(7);
    await expect(apps.confirm('many', 'many-6')).rejects.toThrow(
      'many-6 of Application many: no deletion of exactly one document of that name waits; waiting are Application/many-0, ',
    );
    await expect(apps.confirm('nobody', 'many-0')).rejects.toMatchObject({ code: 'not-found' });
    expect(await apps.confirm('many', 'Application/many-0', 'many-1')).toEqual({ message: '2 deletions are released' });
    expect(await apps.those(all)).toEqual(['many-2', 'many-3', 'many-4', 'many-5', 'many-6']);
    const said = await apps.hub.query(`SELECT DISTINCT actor FROM resources.changes WHERE name = 'many-1' AND actor = 'ann'`);
    expect(said).toEqual([{ actor: 'ann' }]);
    await apps.push('many', all.slice(2));
    expect(await apps.condition('many', 'PruneHeld')).toBeUndefined();
    expect(await apps.those(all)).toHaveLength(5);
  });

  test('takes its budget from itself, its project and the fleet, and each change of one has another look', async () => {
    const all = childrenOf('budget', 10);
    await apps.root('budget', all);
    await apps.hub.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'flotilla-guard', namespace: 'argocd' },
      data: { 'max-deletions': '0' },
    });
    await apps.push('budget', all.slice(1));
    expect(await apps.condition('budget', 'PruneHeld')).toContain('(more than max-deletions 0): Application/budget-0;');
    await apps.edit('flotilla-guard', (config) => Object.assign(config, { data: { 'max-deletions': '1' } }), 'ConfigMap');
    expect(await apps.those(all)).toHaveLength(9);
    await apps.push('budget', all.slice(3));
    expect(await apps.condition('budget', 'PruneHeld')).toContain('(more than max-deletions 1)');
    await apps.hub.apply({
      ...project,
      metadata: {
        name: 'default',
        namespace: 'argocd',
        annotations: { 'flotilla.dev/max-deletions': '2', 'flotilla.dev/max-deletion-percent': '30' },
      },
    });
    await apps.hub.settle();
    expect(await apps.those(all)).toHaveLength(7);
    await apps.push('budget', all.slice(9));
    expect(await apps.those(all)).toHaveLength(7);
    await apps.annotate('budget', { 'flotilla.dev/max-deletions': '6', 'flotilla.dev/max-deletion-percent': '100' });
    expect(await apps.those(all)).toEqual(['budget-9']);
    await apps.drop('default', 'AppProject');
    await apps.drop('flotilla-guard', 'ConfigMap');
  });

  test('with a restore window deletes later, and not at all what comes back in time', async () => {
    const all = childrenOf('window', 10);
    await apps.root('window', all, { annotations: { 'flotilla.dev/restore-window': '1h' } });
    await apps.push('window', all.slice(2));
    expect(await apps.condition('window', 'DeletionsPending')).toMatch(
      /^2 documents will be deleted: Application\/window-0 after .*Z, .*; deleted now by: flotilla app confirm-deletion window Application\/window-0 /,
    );
    await apps.push('window', all.slice(1));
    apps.hub.clock.advance(3_600_000);
    await apps.hub.settle();
    expect(await apps.those(all)).toEqual(all.slice(1).map(({ metadata }) => metadata.name));
    await apps.push('window', all.slice(2));
    await apps.confirm('window', 'window-1');
    expect(await apps.those(all)).toHaveLength(8);
  });

  test('keeps what a sync was held for until it is released or another sync leaves it out', async () => {
    const all = childrenOf('manual', 3);
    await apps.root('manual', all, { spec: { syncPolicy: {} } });
    const sync = async (prune: boolean) => {
      await apps.hub.uses.sync({ namespace: 'argocd', name: 'manual', actor: 'ann', sync: { prune } });
      await apps.hub.settle();
    };
    await sync(false);
    await apps.push('manual', [applicationOf('other', 'nowhere')]);
    await sync(true);
    expect(await apps.condition('manual', 'PruneHeld')).toContain(
      '3 of 4 documents would be deleted and are held (more than max-deletion-percent 20 of 4)',
    );
    await sync(false);
    expect(await apps.condition('manual', 'PruneHeld')).toBeUndefined();
    await sync(true);
    await apps.confirm('manual', 'manual-1');
    expect(await apps.those(all)).toEqual(['manual-0', 'manual-2']);
  });

  test("obeys Argo CD's deletion-approved: a time releases what was held by then, true all but what is protected", async () => {
    const all = [...childrenOf('approved', 4), applicationOf('in-vault', 'vault')];
    await apps.root('approved', all, {
      annotations: { 'argocd.argoproj.io/deletion-approved': new Date(apps.hub.clock.now()).toISOString() },
    });
    apps.hub.clock.advance(60_000);
    await apps.push('approved', all.slice(3));
    expect(await apps.those(all)).toHaveLength(5);
    await apps.annotate('approved', { 'argocd.argoproj.io/deletion-approved': '2999-01-01T00:00:00Z' });
    expect(await apps.those(all)).toHaveLength(5);
    apps.hub.clock.advance(60_000);
    await apps.annotate('approved', { 'argocd.argoproj.io/deletion-approved': new Date(apps.hub.clock.now()).toISOString() });
    expect(await apps.those(all)).toEqual(['approved-3', 'in-vault']);
    await apps.annotate('approved', { 'argocd.argoproj.io/deletion-approved': 'true' });
    await apps.push('approved', [applicationOf('approved-new', 'nowhere')]);
    expect(await apps.those(all)).toEqual(['in-vault']);
    expect(await apps.condition('approved', 'PruneHeld')).toContain(
      '(label flotilla.dev/protected on it or its cluster): Application/in-vault;',
    );
    await apps.hub.setPhase('vault', 'Connected', { labels: {} });
    await apps.hub.settle();
    expect(await apps.those(all)).toEqual([]);
    await apps.hub.setPhase('vault', 'Connected', { labels: { 'flotilla.dev/protected': 'true' } });
  });
});
