import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../testing.js';

const URL_OF_REPO = 'https://git.example.com/fleet.git';
let dir: string;

const write = (path: string, text: string): string => {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};
const git = (...args: string[]): void => {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...identity, ...args], { cwd: join(dir, 'repo'), stdio: 'ignore' });
};
const setOf = (name: string, generators: unknown, spec: object = {}): string =>
  JSON.stringify({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name, namespace: 'argocd' },
    spec: {
      generators,
      template: {
        metadata: { name: '{{name}}' },
        spec: { project: 'default', source: { repoURL: URL_OF_REPO, path: 'app' }, destination: { name: '{{name}}', namespace: 'x' } },
      },
      ...spec,
    },
  });
const names = (out: string): string[] => (JSON.parse(out) as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-offline-'));
  mkdirSync(join(dir, 'repo'));
  write('repo/apps/one/config.yaml', 'name: one\n');
  write('repo/apps/two/config.yaml', 'name: two\n');
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-q', '-m', 'first');
  git('tag', 'v1');
  git('rm', '-rq', 'apps/two');
  git('commit', '-q', '-m', 'second');
  write('repo/apps/three/config.yaml', 'name: three\n');
  git('clone', '-q', '--bare', '.', join(dir, 'bare.git'));
  write(
    'clusters/secret.yaml',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s, labels: {argocd.argoproj.io/secret-type: cluster, env: dev}}\nstringData: {name: dev, server: https://dev}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n',
  );
  write(
    'clusters/more/cluster.yaml',
    'apiVersion: flotilla.dev/v1alpha1\nkind: Cluster\nmetadata: {name: prod, labels: {env: prod}}\nspec: {}\n',
  );
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('clusters come from Secrets and Cluster documents below a directory', async () => {
  const file = write(
    'clusters.json',
    setOf('apps', [{ clusters: { selector: { matchExpressions: [{ key: 'env', operator: 'Exists' }] } } }]),
  );
  const { out, calls } = await runCli(['appset', 'generate', '-f', file, '--clusters', join(dir, 'clusters'), '-o', 'json']);
  expect(names(out)).toEqual(['dev', 'prod']);
  expect(calls).toEqual([]);
  expect(JSON.parse(out)[1]).toMatchObject({
    kind: 'Application',
    metadata: { namespace: 'argocd' },
    spec: { destination: { name: 'prod' } },
  });
});

test('HEAD is the work tree, and tags and bare repositories answer their commits', async () => {
  const at = (revision: string) => [{ git: { repoURL: URL_OF_REPO, revision, files: [{ path: 'apps/*/config.yaml' }] } }];
  const run = async (revision: string, directory: string) => {
    const file = write('git.json', setOf('apps', at(revision)));
    return names((await runCli(['appset', 'generate', '-f', file, '--repo', `${URL_OF_REPO}=${join(dir, directory)}`, '-o', 'json'])).out);
  };
  expect(await run('HEAD', 'repo')).toEqual(['one', 'three']);
  expect(await run('main', 'repo')).toEqual(['one']);
  expect(await run('v1', 'repo')).toEqual(['one', 'two']);
  expect(await run('HEAD', 'bare.git')).toEqual(['one']);
  const directories = [{ git: { repoURL: URL_OF_REPO, revision: 'v1', directories: [{ path: 'apps/*' }] } }];
  const file = write(
    'directories.json',
    setOf('apps', directories, { goTemplate: true, template: JSON.parse(setOf('x', [])).spec.template }).replaceAll(
      '{{name}}',
      '{{.path.basename}}',
    ),
  );
  const { out } = await runCli(['appset', 'generate', '-f', file, '--repo', `${URL_OF_REPO}=${join(dir, 'bare.git')}`, '-o', 'name']);
  expect(out).toBe('application.argoproj.io/one\napplication.argoproj.io/two\n');
});

test('what is wrong with one set is a line of JSON and exit code 1; other sets are generated all the same', async () => {
  const list = [{ list: { elements: [{ name: 'a' }, { name: 'b' }] } }];
  const file = write(
    'several.yaml',
    [
      setOf('good', list),
      setOf('missing', [{ git: { repoURL: 'https://elsewhere/x', directories: [{ path: '*' }] } }]),
      setOf('twice', [{ list: { elements: [{ name: 'a' }, { name: 'a' }] } }]),
      setOf('typo', [{ lists: {} }]),
    ].join('\n---\n'),
  );
  const { out, error, exitCode } = await runCli(['appset', 'generate', '-f', file, '--offline', '-o', 'name']);
  expect(out).toBe('application.argoproj.io/a\napplication.argoproj.io/b\n');
  expect(exitCode).toBe(1);
  const faults = error
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(faults).toMatchObject([
    {
      set: 'missing',
      generator: 'spec.generators[0].git',
      field: 'spec.generators[0].git.repoURL',
      file,
      line: 3,
      message: expect.stringContaining('add --repo https://elsewhere/x=DIR'),
    },
    { set: 'twice', field: 'spec.template.metadata.name', code: 'duplicate-name' },
    { set: 'typo', field: 'spec.generators[0]', code: 'invalid', message: expect.stringContaining('lists is not a generator') },
  ]);
});

test('a file without a set, a repository that is none and an unknown revision say so', async () => {
  const empty = write('empty.yaml', 'a: b\n');
  expect(await runCli(['appset', 'generate', '-f', empty, '--offline'])).toMatchObject({
    exitCode: 1,
    error: expect.stringContaining('holds no ApplicationSet'),
  });
  await expect(runCli(['appset', 'generate', '-f', empty, '--repo', 'nonsense'])).rejects.toThrow('is not URL=DIR');
  await expect(runCli(['appset', 'generate', '--offline'])).rejects.toThrow('needs -f FILE');
  const file = write('unknown.json', setOf('apps', [{ git: { repoURL: URL_OF_REPO, revision: 'nope', directories: [{ path: '*' }] } }]));
  const { error } = await runCli(['appset', 'generate', '-f', file, '--repo', `${URL_OF_REPO}=${join(dir, 'repo')}`]);
  expect(error).toContain('has no branch, tag or commit');
});

test('with new globbing a star stays in its directory and two cross them, in the work tree and at a tag', async () => {
  const generate = async (path: string, revision: string, ...more: string[]) => {
    const file = write('globs.json', setOf('globs', [{ git: { repoURL: URL_OF_REPO, revision, files: [{ path }] } }]));
    const repo = `${URL_OF_REPO}=${join(dir, 'repo')}`;
    return names((await runCli(['appset', 'generate', '-f', file, '--repo', repo, '-o', 'json', ...more])).out);
  };
  expect(await generate('apps/*.yaml', 'HEAD')).toEqual(['one', 'three']);
  expect(await generate('apps/*.yaml', 'HEAD', '--new-git-file-globbing')).toEqual([]);
  expect(await generate('**/config.yaml', 'HEAD', '--new-git-file-globbing')).toEqual(['one', 'three']);
  expect(await generate('apps/{one,two}/*.yaml', 'v1', '--new-git-file-globbing')).toEqual(['one', 'two']);
});
