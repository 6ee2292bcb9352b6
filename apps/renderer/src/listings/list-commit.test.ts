import type { GitRepository } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RendererBench, startRendererBench } from '../testing/renderer-bench.js';

let bench: RendererBench;
let repository: GitRepository;
let commit: string;

beforeAll(async () => {
  bench = await startRendererBench();
  repository = await bench.server.createRepo('lists', {
    'apps/web/deploy.yaml': 'a: 1\n',
    'apps/web/.hidden/x': '',
    'apps/api/config.json': '{"n": 1}',
    '.github/workflows/ci.yml': '',
    'envs/prod/config.json': '{"n": 2}',
    'config.json': '{"n": 0}',
    'envs/link.json': { symlink: 'prod/config.json' },
    'README.md': '',
  });
  commit = (await bench.server.repositories.resolve(repository, 'main'))!;
});
afterAll(() => bench.close());

async function blob(reply: Promise<{ digest: string } | { error: { code: string } }>): Promise<unknown> {
  const answer = await reply;
  return 'digest' in answer ? bench.json(answer.digest) : answer.error.code;
}

test('directories are listed without hidden ones', async () => {
  expect(await blob(bench.renderer.uses.directories({ repoURL: repository.httpUrl, commit }))).toEqual([
    'apps',
    'apps/api',
    'apps/web',
    'envs',
    'envs/prod',
  ]);
});

test('files are selected by pathspecs: a star crosses directories, a directory selects all below, exclusions win', async () => {
  const files = async (patterns: string[], exclude: string[] = []) =>
    blob(bench.renderer.uses.files({ repoURL: repository.httpUrl, commit, patterns, exclude })).then((list) =>
      (list as { path: string }[]).map(({ path }) => path),
    );
  expect(await files(['*.json'])).toEqual(['apps/api/config.json', 'config.json', 'envs/prod/config.json']);
  expect(await files(['**/config.json'])).toEqual(['apps/api/config.json', 'envs/prod/config.json']);
  expect(await files(['apps'])).toEqual(['apps/api/config.json', 'apps/web/.hidden/x', 'apps/web/deploy.yaml']);
  expect(await files(['*.json'], ['envs'])).toEqual(['apps/api/config.json', 'config.json']);
  expect(await files([':(glob)*.json'])).toEqual(['config.json']);
  expect(await files(['{apps,envs}/*'])).toEqual([]);
});

test('with new globbing two stars cross directories and one does not, alternatives count, directories and links are not files', async () => {
  const files = async (patterns: string[], exclude: string[] = []) =>
    blob(bench.renderer.uses.files({ repoURL: repository.httpUrl, commit, patterns, exclude, globs: 'doublestar' })).then((list) =>
      Array.isArray(list) ? list.map(({ path }: { path: string }) => path) : list,
    );
  expect(await files(['*.json'])).toEqual(['config.json']);
  expect(await files(['**/config.json'])).toEqual(['apps/api/config.json', 'config.json', 'envs/prod/config.json']);
  expect(await files(['{apps,envs}/*/config.json'], ['envs/**'])).toEqual(['apps/api/config.json']);
  expect(await files(['apps', '**/link.json'])).toEqual([]);
  expect(await files(['{a'])).toBe('invalid');
});

test('a file that is too large or not UTF-8 is an error that names it, but only when it is selected', async () => {
  const bad = await bench.server.createRepo('bad-files', {
    'good.json': '{"n": 1}',
    'big.json': `{"a": "${'x'.repeat(4 * 1024 * 1024)}"}`,
    'latin.yaml': Buffer.from([0x61, 0x3a, 0x20, 0xe9]),
  });
  const newest = (await bench.server.repositories.resolve(bad, 'main'))!;
  const files = (pattern: string) => bench.renderer.uses.files({ repoURL: bad.httpUrl, commit: newest, patterns: [pattern], exclude: [] });
  expect(await blob(files('good.json'))).toEqual([{ path: 'good.json', text: '{"n": 1}' }]);
  expect(await files('big.json')).toMatchObject({ error: { message: expect.stringContaining('the file big.json has 4194313 bytes') } });
  expect(await files('*.yaml')).toMatchObject({ error: { message: 'the file latin.yaml is not UTF-8' } });
});

test('more files than a listing holds are an error that counts them, in both modes, and fewer of them are not', async () => {
  const many = Object.fromEntries(Array.from({ length: 5_001 }, (_, i) => [`many/${i}.json`, '']));
  const crowded = await bench.server.createRepo('many-files', { ...many, 'one.json': '' });
  const newest = (await bench.server.repositories.resolve(crowded, 'main'))!;
  for (const globs of ['pathspec', 'doublestar'] as const) {
    const files = (pattern: string) =>
      bench.renderer.uses.files({ repoURL: crowded.httpUrl, commit: newest, patterns: [pattern], exclude: [], globs });
    expect(await files('many/*')).toMatchObject({ error: { message: expect.stringContaining('the patterns select 5001 files') } });
    expect(await blob(files('one.json'))).toEqual([{ path: 'one.json', text: '' }]);
  }
});

test('files come with their text', async () => {
  const request = { repoURL: repository.httpUrl, commit, patterns: ['envs/*'], exclude: [] };
  expect(await blob(bench.renderer.uses.files(request))).toEqual([{ path: 'envs/prod/config.json', text: '{"n": 2}' }]);
});

test('a commit that does not exist is an error, not an empty list', async () => {
  expect(await blob(bench.renderer.uses.directories({ repoURL: repository.httpUrl, commit: 'f'.repeat(40) }))).toBe('bad-ref');
});
