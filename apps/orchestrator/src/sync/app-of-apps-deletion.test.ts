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
    apps.hub.clock.advance(1_000);
    await apps.hub.settle();
    expect([await apps.hub.application('argocd', 'middle'), await apps.hub.application('argocd', 'top')]).toEqual([undefined, undefined]);
  });
});

describe('documents that are restored', () => {
  const trackingOf = async (name: string) =>
    (await apps.hub.application('argocd', name))?.metadata.annotations?.['flotilla.dev/tracking-id'];

  test('stay as they are, are no longer of their parent, and nothing of it waits for them', async () => {
    const all = childrenOf('kept', 7);
    await apps.root('kept', all);
    await apps.push('kept', all.slice(6));
    expect(await apps.condition('kept', 'PruneHeld')).toContain('6 of 7 documents would be deleted');
    const before = await apps.hub.application('argocd', 'kept-0');
    expect(await apps.restore('kept', 'Application/kept-0', 'kept-1')).toEqual({ message: '2 documents stay and are no longer of kept' });
    const after = await apps.hub.application('argocd', 'kept-0');
    expect([after?.metadata.uid, after?.spec]).toEqual([before?.metadata.uid, before?.spec]);
    expect(await trackingOf('kept-0')).toBeUndefined();
    expect(await apps.condition('kept', 'PruneHeld')).toContain('4 of 5 documents would be deleted');
    await apps.confirm('kept', 'kept-2', 'kept-3', 'kept-4', 'kept-5');
    expect(await apps.condition('kept', 'PruneHeld')).toBeUndefined();
    expect(await apps.those(all)).toEqual(['kept-0', 'kept-1', 'kept-6']);
    const said = await apps.hub.query(`SELECT actor FROM resources.changes WHERE name = 'kept-1' ORDER BY rv DESC LIMIT 1`);
    expect(said).toEqual([{ actor: 'ann' }]);
    await expect(apps.restore('kept', 'kept-0')).rejects.toThrow('kept-0 of Application kept: no deletion of exactly one document');
    await apps.push('kept', [all[0]!, all[6]!]);
    expect(await trackingOf('kept-0')).toContain('argocd_kept:');
  });

  test('are all of those named or none, and none that is deleted already or belongs to another', async () => {
    const all = [...childrenOf('whole', 2), project('whole')];
    await apps.root('whole', all);
    await apps.push('whole', [applicationOf('whole-other', 'nowhere')]);
    await expect(apps.restore('whole', 'whole-0', 'whole-9')).rejects.toThrow('whole-9 of Application whole');
    await expect(apps.restore('nobody', 'whole-0')).rejects.toMatchObject({ code: 'not-found' });
    expect(await trackingOf('whole-0')).toBe('argocd_whole:argoproj.io/Application:argocd/whole-0');
    await apps.confirm('whole', 'AppProject/whole');
    await expect(apps.restore('whole', 'whole-0', 'AppProject/whole')).rejects.toThrow(
      'AppProject/whole of Application whole is deleted already',
    );
    expect(await trackingOf('whole-0')).toBe('argocd_whole:argoproj.io/Application:argocd/whole-0');
    await apps.edit('whole-1', ({ metadata }) => {
      metadata.annotations = { 'flotilla.dev/tracking-id': 'argocd_else:argoproj.io/Application:argocd/whole-1' };
    });
    await expect(apps.restore('whole', 'whole-1')).rejects.toThrow('whole-1');
  });

  test('of a parent that is deleted let it go without them', async () => {
    const all = childrenOf('left', 2);
    await apps.root('left', all);
    await apps.drop('left');
    await apps.restore('left', 'left-0', 'left-1');
    expect([await apps.those(all), await apps.hub.application('argocd', 'left')]).toEqual([['left-0', 'left-1'], undefined]);
  });

  test('within the restore window are not deleted when it ends', async () => {
    const all = childrenOf('soon', 10);
    await apps.root('soon', all, { annotations: { 'flotilla.dev/restore-window': '1h' } });
    await apps.push('soon', all.slice(1));
    await apps.restore('soon', 'soon-0');
    expect(await apps.condition('soon', 'DeletionsPending')).toBeUndefined();
    apps.hub.clock.advance(7_200_000);
    await apps.hub.settle();
    expect(await apps.those(all)).toHaveLength(10);
  });
});
