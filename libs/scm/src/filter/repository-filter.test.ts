import { expect, test } from 'vitest';
import { compileRepositoryFilters, mixesFilters } from './repository-filter.js';

const repo = (repository: string, ...labels: string[]) => ({ repository, labels });
const branch = (name: string) => ({ name, sha: 'a'.repeat(40) });
const paths =
  (...there: string[]) =>
  async (path: string) =>
    there.includes(path);

test('no filters accept everything, and so does an entry without conditions', async () => {
  for (const filters of [compileRepositoryFilters([]), compileRepositoryFilters([{}])]) {
    expect(filters.acceptsRepository(repo('any'))).toBe(true);
    expect(await filters.acceptsBranch(branch('any'), paths())).toBe(true);
  }
});

test('conditions of an entry must all hold, one entry must fit', () => {
  const filters = compileRepositoryFilters([{ repositoryMatch: '^shop', labelMatch: 'gitops' }, { repositoryMatch: 'infra$' }]);
  expect(filters.acceptsRepository(repo('shop-api', 'team', 'gitops'))).toBe(true);
  expect(filters.acceptsRepository(repo('shop-api'))).toBe(false);
  expect(filters.acceptsRepository(repo('my-infra'))).toBe(true);
});

test('expressions are of RE2, found anywhere, and linear', () => {
  expect(compileRepositoryFilters([{ repositoryMatch: 'hop' }]).acceptsRepository(repo('shop'))).toBe(true);
  expect(compileRepositoryFilters([{ repositoryMatch: '(?i)^SHOP$' }]).acceptsRepository(repo('shop'))).toBe(true);
  expect(compileRepositoryFilters([{ repositoryMatch: '^(a+)+$' }]).acceptsRepository(repo(`${'a'.repeat(50_000)}!`))).toBe(false);
  expect(() => compileRepositoryFilters([{}, { branchMatch: '(?=x)' }])).toThrow(/filters\[1\]\.branchMatch: "\(\?=x\)" is not/);
  expect(() => compileRepositoryFilters([{ labelMatch: 'a'.repeat(5_000) }], 'scmProvider.filters')).toThrow(
    /scmProvider\.filters\[0\]\.labelMatch/,
  );
});

test('repositories and branches are judged one after the other, as in Argo CD', async () => {
  const filters = compileRepositoryFilters([{ repositoryMatch: '^shop$' }, { branchMatch: '^main$' }]);
  expect(filters.acceptsRepository(repo('tools'))).toBe(false);
  expect(await filters.acceptsBranch(branch('next'), paths())).toBe(false);
  expect(await filters.acceptsBranch(branch('main'), paths())).toBe(true);
});

test('a mixed list is known as one', () => {
  expect(mixesFilters([{ repositoryMatch: 'a' }, { branchMatch: 'b' }])).toBe(true);
  expect(mixesFilters([{ repositoryMatch: 'a', branchMatch: 'b' }])).toBe(false);
  expect(mixesFilters([{ repositoryMatch: 'a' }, { labelMatch: 'b' }])).toBe(false);
});

test('paths are asked for without slashes at their ends, and not when the name decides', async () => {
  const filters = compileRepositoryFilters([{ branchMatch: '^main$', pathsExist: ['/deploy/'], pathsDoNotExist: ['legacy'] }]);
  expect(await filters.acceptsBranch(branch('main'), paths('deploy'))).toBe(true);
  expect(await filters.acceptsBranch(branch('main'), paths('deploy', 'legacy'))).toBe(false);
  const asked: string[] = [];
  await filters.acceptsBranch(branch('next'), async (path) => asked.push(path) > 0);
  expect(asked).toEqual([]);
});

test('a path that cannot be asked for is an error, not a missing path', async () => {
  const filters = compileRepositoryFilters([{ pathsDoNotExist: ['legacy'] }]);
  await expect(filters.acceptsBranch(branch('main'), () => Promise.reject(new Error('away')))).rejects.toThrow('away');
});
