import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RendererBench, startRendererBench } from '../testing/renderer-bench.js';

let bench: RendererBench;
beforeAll(async () => {
  bench = await startRendererBench({ users: { deploy: 'canary-token-7f3a' } });
});
afterAll(() => bench.close());

test('what a credential of one project opens is rendered and listed for that project and refused to every other', async () => {
  const repository = await bench.server.createRepo('team/app', { 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' });
  const login = { url: repository.httpUrl, username: 'deploy', password: 'canary-token-7f3a' };
  await bench.putSecret('team', 'repository', { ...login, project: 'team' });
  const commit = (await bench.server.repositories.resolve(repository, 'main'))!;
  const source = { repoURL: repository.httpUrl, path: '.' };
  expect((await bench.objects(source, commit, { project: 'team' })).objects).toHaveLength(1);
  const refused = await bench.failure(source, commit);
  expect(refused).toMatchObject({ code: 'repository-not-permitted', message: expect.stringContaining('project default may not read') });
  expect(refused.message).not.toContain('canary');
  const { directories, files } = bench.renderer.uses;
  const listed = { repoURL: repository.httpUrl, commit };
  const refusal = { error: { code: 'repository-not-permitted', message: expect.stringContaining('may not read') } };
  for (const project of [{}, { project: 'other' }]) {
    expect(await directories({ ...listed, ...project })).toMatchObject(refusal);
    expect(await files({ ...listed, ...project, patterns: ['*'], exclude: [] })).toMatchObject(refusal);
  }
  expect(await directories({ ...listed, project: 'team' })).toEqual({ digest: expect.any(String) });
});
