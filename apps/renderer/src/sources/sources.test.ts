import type { Application, ApplicationSet, GitSource, ResourceDocument } from '@flotilla/contracts';
import { done } from '@flotilla/reconcile';
import { startTelemetry, withTraceparent } from '@flotilla/telemetry';
import type { GitRepository } from '@flotilla/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RendererBench, startRendererBench } from '../testing/renderer-bench.js';
import { gitSourceName, refsOfApplication, refsOfApplicationSet } from './collect-refs.js';
import { PollSchedule } from './poll-schedule.js';

let bench: RendererBench;
let repository: GitRepository;

beforeEach(async () => {
  bench = await startRendererBench();
  repository = await bench.server.createRepo('app', { a: '1' });
});
afterEach(() => bench.close());

const APP = { kind: 'Application', namespace: 'argocd', name: 'app' };

async function source(): Promise<GitSource & ResourceDocument> {
  const key = { kind: 'GitSource', namespace: '', name: gitSourceName({ repoURL: repository.httpUrl, ref: 'main' }) };
  return (await bench.store.get<GitSource & ResourceDocument>(key))!;
}

/** Makes the application's source and its first revision, as the routes over kinds do. */
async function follow(): Promise<void> {
  await bench.putApplication('app', [{ repoURL: repository.httpUrl, path: '.', targetRevision: 'main' }]);
  await bench.renderer.uses.keepSources(APP);
  const { metadata } = await source();
  await bench.renderer.uses.firstRevision({ kind: 'GitSource', namespace: '', name: metadata.name });
}

/** Announces a push and waits until it was looked into. */
async function push(...repoURLs: string[]): Promise<number> {
  const { sources } = await bench.renderer.uses.pushed({ repoURLs });
  await bench.renderer.settle();
  return sources;
}

test('a pair in use gets a source with its newest commit, once', async () => {
  await follow();
  await bench.renderer.uses.keepSources(APP);
  expect((await bench.store.list('GitSource')).items).toHaveLength(1);
  expect(await source()).toMatchObject({
    spec: { repoURL: repository.httpUrl, ref: 'main' },
    status: { revision: await bench.server.repositories.resolve(repository, 'main'), conditions: [{ type: 'Ready', status: 'True' }] },
  });
});

test('a push, in whatever spelling it is announced, moves the revision at once; without news nothing is written', async () => {
  await follow();
  const before = (await source()).metadata.resourceVersion;
  const hint = repository.httpUrl.replace('http://127.0.0.1', 'HTTP://127.0.0.1').replace('.git', '');
  await push(hint);
  expect((await source()).metadata.resourceVersion).toBe(before);
  const commit = await bench.server.commit(repository, { a: '2' });
  await push('https://other.example/app');
  expect((await source()).metadata.resourceVersion).toBe(before);
  await push(hint);
  expect((await source()).status?.revision).toBe(commit);
});

test('a poll looks at each repository once per interval', async () => {
  await follow();
  const commit = await bench.server.commit(repository, { a: '2' });
  await bench.renderer.uses.poll();
  expect((await source()).status?.revision).not.toBe(commit);
  bench.clock.advance(100_000);
  await bench.renderer.uses.poll();
  expect((await source()).status?.revision).toBe(commit);
  const asked = bench.server.requests.length;
  await bench.renderer.uses.poll();
  expect(bench.server.requests).toHaveLength(asked);
});

test('the trace of the announcement goes on with the commit it brought', async () => {
  await follow();
  await bench.server.commit(repository, { a: '2' });
  const telemetry = await startTelemetry({ service: 'test' });
  const trace = '0af7651916cd43dd8448eb211c80319c';
  try {
    await withTraceparent(`00-${trace}-b7ad6b7169203331-01`, () => push(repository.httpUrl));
  } finally {
    await telemetry.stop();
  }
  const { metadata, status } = await source();
  const [last] = await bench.store.history({ kind: 'GitSource', namespace: '', name: metadata.name }, 1);
  expect([status?.traceparent, last?.traceparent]).toEqual([expect.stringContaining(trace), expect.stringContaining(trace)]);
});

test('a failure is a condition, the last revision stays, and recovery clears it', async () => {
  await follow();
  const { revision } = (await source()).status!;
  bench.server.faults.unavailable = 3;
  await push(repository.httpUrl);
  expect((await source()).status).toMatchObject({ revision, conditions: [{ type: 'Ready', status: 'False', reason: 'git-unavailable' }] });
  bench.server.faults.unavailable = 0;
  await bench.server.deleteRef(repository, 'refs/heads/main');
  await push(repository.httpUrl);
  expect((await source()).status).toMatchObject({ revision, conditions: [{ reason: 'bad-ref' }] });
  await bench.server.branch(repository, 'main', revision);
  await push(repository.httpUrl);
  expect((await source()).status).toMatchObject({ revision, conditions: [{ status: 'True' }] });
});

test('a push that met a Git server that was away is fetched with a later poll, once', async () => {
  await follow();
  const commit = await bench.server.commit(repository, { a: '2' });
  bench.server.faults.unavailable = 3;
  expect(await push(repository.httpUrl)).toBe(1);
  bench.server.faults.unavailable = 0;
  await bench.renderer.uses.poll();
  await bench.renderer.settle();
  expect((await source()).status?.revision).not.toBe(commit);
  bench.clock.advance(11_000);
  await bench.renderer.uses.poll();
  await bench.renderer.settle();
  expect((await source()).status?.revision).toBe(commit);
  const asked = bench.server.requests.length;
  bench.clock.advance(11_000);
  await bench.renderer.uses.poll();
  await bench.renderer.settle();
  expect(bench.server.requests).toHaveLength(asked);
});

test('a push that its sender knows by several addresses is one conversation with the server', async () => {
  await follow();
  const commit = await bench.server.commit(repository, { a: '2' });
  const asked = bench.server.requests.length;
  expect(await push(repository.httpUrl)).toBe(1);
  const once = bench.server.requests.length - asked;
  expect((await source()).status?.revision).toBe(commit);
  await bench.server.commit(repository, { a: '3' });
  expect(await push(repository.httpUrl, repository.httpUrl.replace('.git', ''), 'https://other.example/app')).toBe(1);
  expect(bench.server.requests.length - asked).toBe(2 * once);
});

test('a push of a repository that nothing follows is taken and forgotten', async () => {
  await follow();
  expect(await push('https://other.example/app')).toBe(0);
});

test('a source without a user goes after its grace, one in use never', async () => {
  await follow();
  await bench.renderer.uses.sweep();
  await bench.store.transaction({ actor: 'test' }, (tx) => tx.delete(APP));
  await bench.renderer.uses.sweep();
  expect((await bench.store.list('GitSource')).items).toHaveLength(1);
  bench.clock.advance(11 * 60_000);
  await bench.renderer.uses.sweep();
  expect((await bench.store.list('GitSource')).items).toEqual([]);
  expect(await bench.renderer.uses.keepSources(APP)).toBe(done);
});

test('pairs are found in sources and in git generators, nested ones too, and templated ones are left out', () => {
  const application = { spec: { source: { repoURL: 'https://h/a' }, sources: [] } } as unknown as Application;
  expect(refsOfApplication(application)).toEqual([{ repoURL: 'https://h/a', ref: 'HEAD' }]);
  const charts = {
    spec: {
      sources: [
        { repoURL: 'https://charts', chart: 'x', targetRevision: '1' },
        { repoURL: 'https://h/b', targetRevision: 'v1' },
      ],
    },
  };
  expect(refsOfApplication(charts as unknown as Application)).toEqual([{ repoURL: 'https://h/b', ref: 'v1' }]);
  const git = (repoURL: string, revision?: string) => ({ git: { repoURL, revision, directories: [{ path: '*' }] } });
  const set = {
    spec: {
      generators: [
        git('https://h/1', 'main'),
        { matrix: { generators: [git('https://h/2'), { merge: { generators: [git('https://h/3')] } }] } },
        git('https://h/{{x}}'),
        { list: {} },
      ],
    },
  };
  expect(refsOfApplicationSet(set as unknown as ApplicationSet)).toEqual([
    { repoURL: 'https://h/1', ref: 'main' },
    { repoURL: 'https://h/2', ref: 'HEAD' },
    { repoURL: 'https://h/3', ref: 'HEAD' },
  ]);
});

test('polls are spread over the interval', () => {
  let now = 0;
  const schedule = new PollSchedule(
    1000,
    () => now,
    () => 0.5,
  );
  const takeAt = (at: number) => {
    now = at;
    return schedule.take('a');
  };
  expect([0, 499, 500, 1400, 1500].map(takeAt)).toEqual([false, false, true, false, true]);
});
