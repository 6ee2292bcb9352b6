import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GitFile, type GitRepository, type GitServer, startGitServer } from '@flotilla/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { gitSetup } from '../git/git-environment.js';
import { GitMirror } from '../git/git-mirror.js';
import { GitRunner } from '../git/git-runner.js';
import { readRepositoryUrl } from '../git/repository-url.js';
import { KeptRenders, type RenderedAnswer } from './kept-renders.js';

const HREF = 'https://git.example.com/fleet';
const HOUR_MS = 3_600_000;

let server: GitServer;
let scratch: string;
let repository: GitRepository;
let mirror: GitMirror;
let kept: KeptRenders;
let now: number;
let count = 0;

beforeAll(async () => {
  server = await startGitServer();
  scratch = await mkdtemp(join(tmpdir(), 'flotilla-kept-'));
});
afterAll(async () => {
  await server.stop();
  await rm(scratch, { recursive: true, force: true });
});
beforeEach(async () => {
  const name = `kept-${++count}`;
  repository = await server.createRepo(name);
  const runner = new GitRunner({ path: process.env.PATH ?? '', secretsDir: tmpdir(), fetchTimeoutMs: 20_000, maxPackBytes: 1 << 30 });
  mirror = new GitMirror(runner, join(scratch, `${name}.git`), name);
  now = 1_000;
  kept = new KeptRenders(() => now);
});

async function commit(files: Record<string, GitFile>, options?: { parent: null }): Promise<string> {
  const made = await server.commit(repository, files, 'change', options);
  const url = readRepositoryUrl(repository.fileUrl, ['file']);
  await mirror.fetch(repository.fileUrl, gitSetup({ url, credential: {}, allowProtocol: 'file', addresses: [] }), ['refs/heads/main']);
  return made;
}

const answerOf = (uid: string): RenderedAnswer => ({ uid, bundle: `bundle of ${uid}`, renderKey: 'k', objects: 1, conditions: [] });
const keep = (uid: string, at: string, ...paths: string[]): void =>
  kept.keep({
    uid,
    inputs: 'same',
    sources: [{ href: HREF, commit: at }],
    reads: paths.map((path) => ({ href: HREF, path })),
    answer: answerOf(uid),
  });
const find = (uid: string, at: string, inputs = 'same') => kept.find(uid, inputs, [{ href: HREF, commit: at, comparison: mirror }]);
const touched = async (from: string, to: string) => (await kept.touched(HREF, mirror, from, to))?.sort();

test('a commit touches those that read what it changes; renames, deletions, modes and submodules are changes', async () => {
  const one = await commit({
    'apps/a/x.yaml': 'x',
    'apps/a/only.yaml': 'only',
    'apps/b/y.yaml': 'y',
    'apps/c/z.yaml': 'z',
    'apps/é "x"/u.yaml': 'u',
    'base/common.yaml': 'c',
    'apps/mod/sub': { submodule: '1'.repeat(40) },
  });
  const places = {
    a: 'apps/a',
    b: 'apps/b',
    c: 'apps/c',
    accent: 'apps/é "x"',
    module: 'apps/mod',
    absent: 'apps/later/values.yaml',
    root: '',
  };
  for (const [uid, path] of Object.entries(places)) keep(uid, one, path, ...(uid === 'c' ? ['base'] : []));
  const changes: [Record<string, GitFile>, string[]][] = [
    [{ 'README.md': 'text' }, []],
    [{ 'apps/ab/x.yaml': 'a neighbour' }, []],
    [{ 'apps/a/x.yaml': null, 'apps/b/x.yaml': 'x' }, ['a', 'b']],
    [{ 'apps/a/only.yaml': null }, ['a']],
    [{ 'apps/b/y.yaml': { executable: 'y' } }, ['b']],
    [{ 'base/deep/new.yaml': 'n' }, ['c']],
    [{ 'apps/é "x"/u.yaml': 'v' }, ['accent']],
    [{ 'apps/mod/sub': { submodule: '2'.repeat(40) } }, ['module']],
    [{ 'apps/later/values.yaml': 'now there' }, ['absent']],
    [{ 'apps/later': { symlink: 'a' } }, ['absent']],
  ];
  let from = one;
  for (const [files, expected] of changes) {
    const to = await commit(files);
    expect(await touched(from, to)).toEqual([...expected, 'root'].sort());
    from = to;
  }
});

test('who is not touched keeps the answer, commit after commit; who is touched is rendered again', async () => {
  const one = await commit({ 'apps/a/x.yaml': 'x', 'apps/b/x.yaml': 'x' });
  keep('a', one, 'apps/a');
  keep('b', one, 'apps/b');
  const two = await commit({ 'apps/b/x.yaml': 'y' });
  expect([await find('a', one), await find('a', two), await find('b', two)]).toEqual([answerOf('a'), answerOf('a'), undefined]);
  keep('b', two, 'apps/b');
  const three = await commit({ 'apps/c/x.yaml': 'y' });
  expect([await find('a', three), await find('b', three)]).toEqual([answerOf('a'), answerOf('b')]);
  const four = await commit({ 'apps/a/x.yaml': 'z' });
  expect([await find('a', four), await find('b', four)]).toEqual([undefined, answerOf('b')]);
});

test('a render that is kept after its commits were compared is not judged by that comparison', async () => {
  const one = await commit({ 'apps/a/x.yaml': 'x' });
  const two = await commit({ 'apps/a/x.yaml': 'y' });
  keep('a', one, 'apps/elsewhere');
  expect(await touched(one, two)).toEqual([]);
  keep('a', one, 'apps/a');
  expect(await find('a', two)).toBeUndefined();
});

test('everything is looked at when the older commit is gone, the inputs are others, or the answer is old', async () => {
  const one = await commit({ 'apps/a/x.yaml': 'x', 'apps/b/x.yaml': 'x' });
  const gone = 'c0ffee'.padEnd(40, '0');
  keep('a', gone, 'apps/a');
  expect([await find('a', one), await touched(gone, one), await touched('main', one)]).toEqual([undefined, undefined, undefined]);
  keep('a', one, 'apps/a');
  expect(await find('a', one, 'other')).toBeUndefined();
  expect(await find('a', one)).toEqual(answerOf('a'));
  now += 7 * HOUR_MS;
  expect(await find('a', one)).toBeUndefined();
});

test('a forced push to an unrelated history is compared by content: what is the same there is not touched', async () => {
  const one = await commit({ 'apps/a/x.yaml': 'x', 'apps/b/x.yaml': 'x' });
  keep('a', one, 'apps/a');
  keep('b', one, 'apps/b');
  const rewritten = await commit({ 'apps/a/x.yaml': 'x', 'apps/b/x.yaml': 'rewritten' }, { parent: null });
  expect([await find('a', rewritten), await find('b', rewritten)]).toEqual([answerOf('a'), undefined]);
});
