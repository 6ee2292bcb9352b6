import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gitEnvironment } from './git-repositories.js';
import { type GitServer, startGitServer } from './git-server.js';

const run = promisify(execFile);
let server: GitServer;
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'flotilla-git-client-'));
  server = await startGitServer({ users: { deploy: 'token-1' } });
});
afterAll(async () => {
  await server.stop();
  await rm(scratch, { recursive: true, force: true });
});

const git = (argv: string[], env: NodeJS.ProcessEnv = {}) =>
  run('git', argv, { env: { ...gitEnvironment(), GIT_TERMINAL_PROMPT: '0', ...env } });

test('a commit is cloned over HTTP by who knows the password, and by nobody else', async () => {
  const repository = await server.createRepo('team/app', { 'k8s/a.yaml': 'a: 1\n', run: { executable: 'x' }, link: { symlink: 'run' } });
  await expect(git(['clone', '-q', repository.httpUrl, join(scratch, 'no')])).rejects.toThrow(/could not read Username|Authentication/);
  await git(['clone', '-q', repository.httpUrl.replace('//', '//deploy:token-1@'), join(scratch, 'http')]);
  expect(await readFile(join(scratch, 'http/k8s/a.yaml'), 'utf8')).toBe('a: 1\n');
  expect(server.requests.some(({ path }) => path.startsWith('/team/app.git/info/refs'))).toBe(true);
});

test('a commit is cloned over SSH with the user key and the pinned host key', async () => {
  const repository = await server.createRepo('ssh-app', { 'a.txt': 'one' });
  await writeFile(join(scratch, 'key'), server.userKey.privateKey, { mode: 0o600 });
  await writeFile(join(scratch, 'known'), `${server.knownHosts}\n`);
  const options = `-i ${scratch}/key -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=${scratch}/known`;
  await git(['clone', '-q', repository.sshUrl, join(scratch, 'ssh')], { GIT_SSH_COMMAND: `ssh -F none ${options}` });
  expect(await readFile(join(scratch, 'ssh/a.txt'), 'utf8')).toBe('one');
  expect(server.sshServed).toContain('ssh-app.git');
});

test('branches, tags and forced pushes move refs', async () => {
  const repository = await server.createRepo('refs', { a: '1' });
  const first = await server.repositories.resolve(repository, 'main');
  const second = await server.commit(repository, { a: '2', b: 'new' }, 'second');
  const third = await server.commit(repository, { b: null }, 'third');
  await server.branch(repository, 'release', second);
  await server.tag(repository, 'v1', second, 'annotated');
  await server.forcePush(repository, 'main', first!);
  expect(await server.repositories.resolve(repository, 'main')).toBe(first);
  expect([await server.repositories.resolve(repository, 'release'), await server.repositories.resolve(repository, 'v1')]).toEqual([
    second,
    second,
  ]);
  expect(await server.repositories.git(repository.dir, ['ls-tree', '--name-only', third])).toBe('a\n');
});
