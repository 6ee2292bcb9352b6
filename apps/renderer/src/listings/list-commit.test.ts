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

test('files come with their text', async () => {
  const request = { repoURL: repository.httpUrl, commit, patterns: ['envs/*'], exclude: [] };
  expect(await blob(bench.renderer.uses.files(request))).toEqual([{ path: 'envs/prod/config.json', text: '{"n": 2}' }]);
});

test('a commit that does not exist is an error, not an empty list', async () => {
  expect(await blob(bench.renderer.uses.directories({ repoURL: repository.httpUrl, commit: 'f'.repeat(40) }))).toBe('bad-ref');
});
