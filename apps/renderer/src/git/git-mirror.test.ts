import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GitServer, startGitServer } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gitSetup } from './git-environment.js';
import { GitMirror } from './git-mirror.js';
import { GitRunner } from './git-runner.js';
import { readRepositoryUrl } from './repository-url.js';

let server: GitServer;
let runner: GitRunner;

beforeAll(async () => {
  server = await startGitServer();
  runner = new GitRunner({ path: process.env.PATH ?? '', secretsDir: tmpdir(), fetchTimeoutMs: 20_000, maxPackBytes: 1 << 30 });
});
afterAll(() => server.stop());

const setupOf = (href: string) =>
  gitSetup({ url: readRepositoryUrl(href, ['file']), credential: {}, allowProtocol: 'file', addresses: [] });

test('the packs of many fetches are rolled up without losing a commit that no ref leads to', async () => {
  const repository = await server.createRepo('packs');
  const mirror = new GitMirror(runner, join(server.repositories.root, 'mirror.git'), 'packs', 2);
  const commits: string[] = [];
  for (let i = 0; i < 5; i++) {
    commits.push(await server.commit(repository, { a: `round ${i}` }, 'round', { parent: null }));
    await mirror.fetch(repository.fileUrl, setupOf(repository.fileUrl), ['refs/heads/main']);
  }
  const packs = (await readdir(join(mirror.dir, 'objects', 'pack'))).filter((name) => name.endsWith('.pack'));
  expect(packs.length).toBeLessThanOrEqual(3);
  expect(await Promise.all(commits.map((commit) => mirror.has(commit)))).toEqual([true, true, true, true, true]);
  mirror.close();
});

test('a tree that a hostile server sends is read without the paths that could hurt', async () => {
  const repository = await server.createRepo('hostile');
  const git = (argv: string[], input?: string) => server.repositories.git(repository.dir, argv, input).then((out) => out.trim());
  const blob = await git(['hash-object', '-w', '--stdin'], 'x');
  const inner = await git(['mktree'], `100644 blob ${blob}\tconfig\n`);
  const tree = await git(
    ['mktree'],
    `040000 tree ${inner}\t.git\n040000 tree ${inner}\t..\n040000 tree ${inner}\t.GIT\n100644 blob ${blob}\tgood\n100644 blob ${blob}\tu\u0308 \\n "x"\n`,
  );
  const commit = await git(['-c', 'user.name=t', '-c', 'user.email=t@t', 'commit-tree', '-m', 'x', tree]);
  await git(['update-ref', 'refs/heads/main', commit]);
  const mirror = new GitMirror(runner, join(server.repositories.root, 'mirror-hostile.git'), 'hostile');
  await mirror.fetch(repository.fileUrl, setupOf(repository.fileUrl), ['refs/heads/main']);
  const { entries } = await mirror.tree(commit);
  expect([...entries.keys()]).toEqual(['good', 'u\u0308 \\n "x"']);
  mirror.close();
});

test('an empty repository has no commit, and that is no failure of the mirror', async () => {
  const repository = await server.createRepo('empty');
  const mirror = new GitMirror(runner, join(server.repositories.root, 'mirror-empty.git'), 'empty');
  const { refs } = await mirror.remoteRefs(repository.fileUrl, setupOf(repository.fileUrl));
  expect([refs.size, await mirror.commit('refs/heads/main')]).toEqual([0, undefined]);
  mirror.close();
});

test('Git is asked once whether a commit is there, however many applications ask, and again for one that was not', async () => {
  const repository = await server.createRepo('asked');
  const commit = await server.commit(repository, { a: 'x' }, 'one');
  const calls: string[] = [];
  class CountingRunner extends GitRunner {
    override local(...args: Parameters<GitRunner['local']>): ReturnType<GitRunner['local']> {
      calls.push(args[1][0] ?? '');
      return super.local(...args);
    }
  }
  const counting = new CountingRunner({
    path: process.env.PATH ?? '',
    secretsDir: tmpdir(),
    fetchTimeoutMs: 20_000,
    maxPackBytes: 1 << 30,
  });
  const mirror = new GitMirror(counting, join(server.repositories.root, 'mirror-asked.git'), 'asked');
  expect(await mirror.has(commit)).toBe(false);
  await mirror.fetch(repository.fileUrl, setupOf(repository.fileUrl), ['refs/heads/main']);
  calls.length = 0;
  expect(await Promise.all(Array.from({ length: 20 }, () => mirror.has(commit)))).not.toContain(false);
  expect(await mirror.has(commit)).toBe(true);
  expect(calls).toEqual(['cat-file']);
  mirror.close();
});
