import { expect, test } from 'vitest';
import { runCli } from '../testing.js';

test('deletions are confirmed, and applications restored, by name', async () => {
  const done = { message: 'done' };
  const answers = {
    confirmDeletes: done,
    restoreApplications: done,
    confirmDeleteCluster: done,
    confirmDeleteProject: done,
    confirmDeletion: done,
    restoreDocuments: done,
  };
  const set = { namespace: 'argocd', name: 'web' };
  for (const [argv, id, options] of [
    [['appset', 'confirm-deletes', 'web', 'a', 'b'], 'confirmDeletes', { parameters: set, body: { names: ['a', 'b'] } }],
    [['appset', 'restore', 'web', 'a'], 'restoreApplications', { parameters: set, body: { names: ['a'] } }],
    [['app', 'confirm-deletion', 'web', 'Application/a'], 'confirmDeletion', { parameters: set, body: { names: ['Application/a'] } }],
    [['app', 'restore', 'web', 'Application/a', 'b'], 'restoreDocuments', { parameters: set, body: { names: ['Application/a', 'b'] } }],
    [['cluster', 'confirm-delete', 'prod'], 'confirmDeleteCluster', { parameters: { name: 'prod' } }],
    [['proj', 'confirm-delete', 'team'], 'confirmDeleteProject', { parameters: { namespace: 'argocd', name: 'team' } }],
  ] as const) {
    const { out, calls } = await runCli(argv, answers);
    expect(out).toBe('done\n');
    expect(calls).toMatchObject([{ id, options }]);
  }
});
