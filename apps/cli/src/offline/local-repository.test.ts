import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalRepository } from './local-repository.js';

let dir: string;
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
};
const git = (...args: string[]): void => {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...identity, ...args], { cwd: join(dir, 'repo'), stdio: 'ignore' });
};
const open = (path: string): LocalRepository => new LocalRepository(join(dir, path), { PATH: process.env.PATH });

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-repository-'));
  write('plain/apps/one/a.yaml', 'x: 1\n');
  write('plain/apps/zwei-ä/b.yaml', 'x: 2\n');
  write('plain/.gitignore', 'build\n');
  write('plain/build/c.yaml', 'x: 3\n');
  write('repo/apps/one/a.yaml', 'x: 1\n');
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-q', '-m', 'first');
  write('repo/apps/two/b.yaml', 'x: 2\n');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('a directory that is no repository answers every revision with its files, ignored ones left out', async () => {
  for (const revision of ['HEAD', '', 'main', 'v1.2']) {
    expect(await open('plain').directories(revision)).toEqual(['apps', 'apps/one', 'apps/zwei-ä']);
    expect(await open('plain').files(revision, ['apps/*.yaml'], ['apps/one/*'])).toEqual([{ path: 'apps/zwei-ä/b.yaml', text: 'x: 2\n' }]);
    expect(await open('plain').files(revision, ['apps/*/a.yaml'], [], 'doublestar')).toEqual([{ path: 'apps/one/a.yaml', text: 'x: 1\n' }]);
  }
});

test('the .git of a repository has no work tree: its HEAD is the commit', async () => {
  expect(await open('repo').directories('HEAD')).toEqual(['apps', 'apps/one', 'apps/two']);
  expect(await open('repo/.git').directories('HEAD')).toEqual(['apps', 'apps/one']);
  expect(await open('repo/.git').files('', ['apps/*'], [])).toEqual([{ path: 'apps/one/a.yaml', text: 'x: 1\n' }]);
});

test('links lead nowhere, in the work tree as in a commit', async () => {
  write('linked/apps/real.yaml', 'x: 1\n');
  write('linked/gone/real.yaml', 'x: 1\n');
  write('elsewhere/real.yaml', 'secret: 1\n');
  symlinkSync(join(dir, 'elsewhere/real.yaml'), join(dir, 'linked/apps/link.yaml'));
  const inside = (...args: string[]) => execFileSync('git', args, { cwd: join(dir, 'linked'), stdio: 'ignore' });
  inside('init', '-q', '-b', 'main');
  inside('add', '.');
  inside('-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false', 'commit', '-q', '-m', 'first');
  rmSync(join(dir, 'linked/gone'), { recursive: true });
  symlinkSync(join(dir, 'elsewhere'), join(dir, 'linked/gone'));
  const paths = async (revision: string) => (await open('linked').files(revision, ['*.yaml'], [])).map(({ path }) => path);
  expect(await paths('HEAD')).toEqual(['apps/real.yaml']);
  expect(await paths('main')).toEqual(['apps/real.yaml', 'gone/real.yaml']);
});

test('what is no directory, and what git cannot read, is said in one short line', async () => {
  await expect(open('nowhere').directories('HEAD')).rejects.toThrow(/nowhere is no directory$/);
  await expect(open('plain/.gitignore').directories('HEAD')).rejects.toThrow(/is no directory$/);
  mkdirSync(join(dir, 'broken/.git'), { recursive: true });
  write('broken/.git/HEAD', 'nonsense');
  write('broken/a/b', '');
  await expect(open('broken').directories('HEAD')).rejects.toThrow(/git rev-parse in .*broken: not a git repository/);
  await expect(open('repo').directories('nope')).rejects.toThrow(/has no branch, tag or commit "nope"$/);
});
