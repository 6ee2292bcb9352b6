import type { ResourceDocument } from '@flotilla/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppsOfApps, childrenOf } from '../testing/apps-of-apps.js';
import { applicationOf } from '../testing/test-documents.js';

let apps: AppsOfApps;

beforeAll(async () => {
  apps = await AppsOfApps.start();
});
afterAll(() => apps?.hub.stop());

const project = (name: string): ResourceDocument => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name, namespace: 'argocd', finalizers: ['test.example/kept'] },
  spec: { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] },
});

describe('an application of applications that is deleted', () => {
  test('is held with several, names them, and goes when they are confirmed', async () => {
    const all = childrenOf('dropped', 2);
    await apps.root('dropped', all);
    await apps.drop('dropped');
    expect(await apps.condition('dropped', 'DeletionError')).toContain(
      '2 of 2 documents would be deleted and are held (more than max-deletion-percent 20 of 2): Application/dropped-0, Application/dropped-1; ' +
        'why: Application dropped is deleted; release with: flotilla app confirm-deletion dropped Application/dropped-0 Application/dropped-1',
    );
    await apps.confirm('dropped', 'dropped-0', 'dropped-1');
    expect([await apps.those(all), await apps.hub.application('argocd', 'dropped')]).toEqual([[], undefined]);
  });

  test('names the child that is protected, and goes at once when the label is off', async () => {
    await apps.root('guarding', [applicationOf('guarded', 'nowhere', { metadata: { labels: { 'flotilla.dev/protected': '' } } })]);
    await apps.drop('guarding');
    expect(await apps.condition('guarding', 'DeletionError')).toContain(
      '(label flotilla.dev/protected on it or its cluster): Application/guarded; why: Application guarding is deleted',
    );
    const [work] = await apps.hub.query(`SELECT due_at FROM orchestrator.work WHERE kind = 'local'`);
    expect(Number(work?.due_at) - apps.hub.clock.now()).toBeGreaterThan(60_000);
    await apps.edit('guarded', ({ metadata }) => {
      metadata.labels = {};
    });
    expect(await apps.hub.application('argocd', 'guarding')).toBeUndefined();
  });

  test('says what its child itself waits for, and goes with it', async () => {
    await apps.root('upper', [project('used')]);
    await apps.hub.store.transaction({ actor: 'test' }, async (tx) => {
      const used = (await tx.getForUpdate<ResourceDocument>({ kind: 'AppProject', namespace: 'argocd', name: 'used' }))!;
      await tx.updateStatus({
        ...used,
        status: { conditions: [{ type: 'DeletionHeld', status: 'True', message: 'applications argocd/web still use it' }] },
      });
    });
    await apps.drop('upper');
    apps.hub.clock.advance(1_000);
    await apps.hub.settle();
    expect(await apps.condition('upper', 'DeletionError')).toContain('waits for AppProject/used (applications argocd/web still use it)');
    await apps.edit(
      'used',
      ({ metadata }) => {
        metadata.finalizers = [];
      },
      'AppProject',
    );
    expect(await apps.hub.application('argocd', 'upper')).toBeUndefined();
  });

  test('hears of a child that is an application of applications and held itself', async () => {
    const leaves = childrenOf('leaf', 2);
    apps.sources.set('middle', leaves);
    const middle = apps.parent('middle');
    await apps.root('top', [middle]);
    await apps.hub.settle();
    expect(await apps.those(leaves)).toHaveLength(2);
    await apps.drop('top');
    apps.hub.clock.advance(1_000);
    await apps.hub.settle();
    expect(await apps.condition('top', 'DeletionError')).toContain(
      'waits for Application/middle (removal (prune) on cluster (hub) is not confirmed yet: 2 of 2',
    );
    await apps.confirm('middle', 'leaf-0', 'leaf-1');
    expect([await apps.hub.application('argocd', 'middle'), await apps.hub.application('argocd', 'top')]).toEqual([undefined, undefined]);
  });
});
