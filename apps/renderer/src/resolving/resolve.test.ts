import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitRepository } from '@flotilla/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RendererBench, startRendererBench } from '../testing/renderer-bench.js';

const TOKEN = 'canary-token-7f3a';
let bench: RendererBench;
let repository: GitRepository;

beforeAll(async () => {
  bench = await startRendererBench({ users: { deploy: TOKEN } });
  repository = await bench.server.createRepo('team/app', { a: '1' });
  await bench.putSecret('team', 'repo-creds', { url: `${bench.server.httpUrl}/team`, username: 'deploy', password: TOKEN });
});
beforeEach(() => {
  for (const key of Object.keys(bench.server.faults)) delete bench.server.faults[key as keyof typeof bench.server.faults];
});
afterAll(() => bench.close());

async function resolve(ref: string, repoURL = repository.httpUrl, fetch = true) {
  const { refs } = await bench.renderer.uses.resolve({ refs: [{ repoURL, ref }], fetch });
  const [answer] = refs;
  return 'commit' in answer! ? answer.commit : answer!.error;
}

test('branches, tags, HEAD and commits, whole and cut, lead to a commit', async () => {
  const first = (await bench.server.repositories.resolve(repository, 'main'))!;
  const second = await bench.server.commit(repository, { a: '2' });
  await bench.server.branch(repository, 'release', first);
  await bench.server.tag(repository, 'v1', first, 'annotated');
  await bench.server.tag(repository, 'light', second);
  expect(
    await Promise.all(
      ['main', 'HEAD', 'release', 'v1', 'light', 'refs/heads/release', first, first.slice(0, 8)].map((ref) => resolve(ref)),
    ),
  ).toEqual([second, second, first, first, second, first, first, first]);
});

test('a forced push and a moved tag are followed, and the old commit still renders', async () => {
  const before = (await resolve('main')) as string;
  const other = await bench.server.commit(repository, { a: 'rewritten' }, 'rewritten', { branch: 'rewrite', parent: null });
  await bench.server.forcePush(repository, 'main', other);
  expect(await resolve('main')).toBe(other);
  expect(await resolve(before, repository.httpUrl, false)).toBe(before);
});

test('a missing ref, hostile names and a missing repository are told apart', async () => {
  expect(await resolve('no-such-branch')).toMatchObject({ code: 'bad-ref', message: expect.stringContaining('"no-such-branch"') });
  for (const ref of ['--upload-pack=/bin/false', 'a b', '../../x', 'x\ny', 'a'.repeat(500)])
    expect(await resolve(ref)).toMatchObject({ code: 'bad-ref' });
  expect(await resolve('main', `${bench.server.httpUrl}/team/nowhere.git`)).toMatchObject({ code: 'repository-not-found' });
});

test.each([
  ['ext::sh -c true', 'bad-repository-url'],
  ['--upload-pack=x', 'bad-repository-url'],
  ['EXT::x', 'bad-repository-url'],
  ['ftp://host/x', 'bad-repository-url'],
  ['https://user:canary@host/x', 'bad-repository-url'],
  ['https://169.254.169.254/x', 'address-denied'],
])('address %s is refused', async (repoURL, code) => {
  const error = await resolve('main', repoURL);
  expect(error).toMatchObject({ code });
  expect(JSON.stringify(error)).not.toContain('canary');
});

test('wrong credentials and a hidden redirect fail without the credential leaving', async () => {
  const thief = await startRendererBench();
  try {
    const other = await thief.server.createRepo('team/app', { a: '1' });
    bench.server.faults.redirectTo = thief.server.httpUrl;
    expect(await resolve('main')).toMatchObject({ code: 'redirect-refused' });
    expect(thief.server.requests).toEqual([]);
    expect(other.httpUrl).not.toBe(repository.httpUrl);
  } finally {
    await thief.close();
  }
  delete bench.server.faults.redirectTo;
  expect(await resolve('main', `${bench.server.httpUrl}/team-two/app.git`)).toMatchObject({ code: 'bad-credentials' });
  expect(
    bench.server.requests.filter(({ path }) => path.startsWith('/team-two')).every(({ authorization }) => authorization === undefined),
  ).toBe(true);
  bench.server.faults.unauthorized = 5;
  const refused = await resolve('main');
  expect(refused).toMatchObject({ code: 'bad-credentials', message: expect.stringContaining('secret-type: repository') });
  expect(JSON.stringify(refused)).not.toContain(TOKEN);
});

test('a server that passes out or hangs is worth another try, and the known commit stays known', async () => {
  const known = await resolve('main');
  bench.server.faults.unavailable = 5;
  expect(await resolve('main')).toMatchObject({ code: 'git-unavailable', retry: 'later' });
  expect(await resolve('main', repository.httpUrl, false)).toBe(known);
  const hasty = bench.another({ FLOTILLA_GIT_FETCH_TIMEOUT: '400ms' });
  bench.server.faults.unavailable = 0;
  bench.server.faults.hang = true;
  const { refs } = await hasty.uses.resolve({ refs: [{ repoURL: repository.httpUrl, ref: 'main' }] });
  expect(refs[0]).toMatchObject({ error: { code: 'git-unavailable', message: expect.stringContaining('in time') } });
});

test('a fleet that asks at once is one conversation, and nothing new is one listing', async () => {
  await resolve('main');
  const commit = await bench.server.commit(repository, { a: 'new' });
  const from = bench.server.requests.length;
  const all = await Promise.all(Array.from({ length: 50 }, () => resolve('main')));
  expect(new Set(all)).toEqual(new Set([commit]));
  const posts = bench.server.requests.slice(from).filter(({ method }) => method === 'POST').length;
  // Version 2 of the protocol lists and fetches by one POST each; two conversations at most.
  expect(posts).toBeLessThanOrEqual(4);
});

test('a repository that is too large and a pack that never ends are given up', async () => {
  const large = await bench.server.createRepo('team/large', { blob: randomBytes(3 << 20) });
  const small = bench.another({ FLOTILLA_GIT_MAX_REPOSITORY_MIB: '1', FLOTILLA_GIT_FETCH_TIMEOUT: '5s' });
  const ask = async (repoURL: string) => (await small.uses.resolve({ refs: [{ repoURL, ref: 'main' }], fetch: true })).refs[0];
  expect(await ask(large.httpUrl)).toMatchObject({ error: { code: 'repository-too-large' } });
  const torn = (await readdir(bench.dir, { recursive: true })).filter((path) => path.includes('/tmp_'));
  expect(torn).toEqual([]);
  bench.server.faults.endless = true;
  expect(await ask(repository.httpUrl)).toMatchObject({ error: { code: 'git-unavailable' } });
  delete bench.server.faults.endless;
  expect(await ask(repository.httpUrl)).toMatchObject({ commit: expect.any(String) });
});

test('nothing of a credential rests in the mirror', async () => {
  await resolve('main');
  const files = (await readdir(bench.dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  for (const entry of files) expect((await readFile(join(entry.parentPath, entry.name))).includes(TOKEN)).toBe(false);
});

test('SSH works with key and known host, and with neither it fails closed', async () => {
  const ssh = await bench.server.createRepo('ssh-only', { a: '1' });
  const commit = await bench.server.repositories.resolve(ssh, 'main');
  expect(await resolve('main', ssh.sshUrl)).toMatchObject({
    code: 'server-not-trusted',
    message: expect.stringContaining('argocd-ssh-known-hosts-cm'),
  });
  await bench.putConfigMap('argocd-ssh-known-hosts-cm', { ssh_known_hosts: bench.server.knownHosts });
  expect(await resolve('main', ssh.sshUrl)).toMatchObject({ code: 'bad-credentials' });
  await bench.putSecret('ssh', 'repository', { url: ssh.sshUrl, sshPrivateKey: bench.server.userKey.privateKey });
  bench.clock.advance(60_000);
  expect(await resolve('main', ssh.sshUrl)).toBe(commit);
  await bench.putConfigMap('argocd-ssh-known-hosts-cm', { ssh_known_hosts: bench.server.knownHosts.replace(/.{8}$/, 'AAAAAAAA') });
  expect(await resolve('main', ssh.sshUrl)).toMatchObject({ code: 'server-not-trusted' });
  expect(bench.server.sshRefused).toEqual([]);
});
