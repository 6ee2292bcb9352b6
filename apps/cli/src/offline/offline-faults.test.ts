import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../testing.js';

const URL_OF_REPO = 'https://git.example.com/fleet';
let dir: string;
const write = (path: string, text: string): string => {
  writeFileSync(join(dir, path), text);
  return join(dir, path);
};
const git = (cwd: string, ...args: string[]): void => {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false', ...args], {
    cwd,
    stdio: 'ignore',
  });
};

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-faults-'));
  mkdirSync(join(dir, 'repo/sub/apps'), { recursive: true });
  write('repo/sub/apps/good.yaml', 'name: good\n');
  write('repo/sub/apps/bad.json', '{"name": "bad",\n "x": ]\n');
  git(join(dir, 'repo'), 'init', '-q', '-b', 'main');
  git(join(dir, 'repo'), 'add', '.');
  git(join(dir, 'repo'), 'commit', '-q', '-m', 'first');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const setOf = (generators: string, more = '', name = 'apps'): string => `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: ${name}, namespace: argocd}
spec:
  generators:
${generators}
  template:
    metadata:
      name: '{{name}}'
    spec:
      project: default
      source: {repoURL: 'https://r', path: 'p${more}'}
      destination: {name: c, namespace: ns}
`;
const list = (...elements: string[]): string => `  - list:\n      elements: [${elements.join(', ')}]`;
const files = (path: string, revision = 'HEAD', url = URL_OF_REPO): string =>
  `  - git:\n      repoURL: ${url}\n      revision: ${revision}\n      files:\n      - path: ${path}`;

/** What the error stream says, and that nothing else is said. */
async function faultsOf(text: string, ...args: string[]): Promise<Record<string, unknown>[]> {
  const file = write('set.yaml', text);
  const repo = ['--repo', `${URL_OF_REPO}=${join(dir, 'repo/sub')}`];
  const { out, error, exitCode } = await runCli(['appset', 'generate', '-f', file, '--offline', ...repo, '-o', 'json', ...args]);
  expect([out, exitCode]).toEqual(['', 1]);
  const faults = error.split('\n').filter((line) => line.startsWith('{'));
  const read = faults.map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const fault of read) {
    expect(Object.keys(fault)).toEqual(['set', 'generator', 'field', 'file', 'line', 'code', 'message']);
    expect(fault.message).toEqual(expect.any(String));
  }
  return read;
}
const here = () => ({ file: join(dir, 'set.yaml') });

test('each kind of mistake is one line of JSON that names set, generator, field, file and line, with exit code 1 and no application', async () => {
  expect(await faultsOf('a: b\n---\na: [1,\n')).toMatchObject([{ ...here(), set: null, line: 4, code: 'invalid' }]);
  expect(await faultsOf(setOf('  - lists: {}'))).toMatchObject([
    {
      ...here(),
      set: 'apps',
      field: 'spec.generators[0]',
      line: 6,
      code: 'invalid',
      message: expect.stringContaining('lists is not a generator'),
    },
  ]);
  expect(await faultsOf(setOf(files('apps/*', 'HEAD', 'https://elsewhere')))).toMatchObject([
    {
      ...here(),
      set: 'apps',
      generator: 'spec.generators[0].git',
      field: 'spec.generators[0].git.repoURL',
      line: 7,
      code: 'generator-input',
    },
  ]);
  expect(await faultsOf(setOf(files('apps/*', 'nope')))).toMatchObject([
    {
      ...here(),
      generator: 'spec.generators[0].git',
      field: 'spec.generators[0].git.revision',
      line: 8,
      message: expect.stringContaining('no branch, tag or commit "nope"'),
    },
  ]);
  expect(await faultsOf(setOf(files('apps/*')))).toMatchObject([
    {
      set: 'apps',
      generator: 'spec.generators[0].git',
      file: 'apps/bad.json',
      line: 2,
      message: expect.stringContaining('apps/bad.json:2'),
    },
  ]);
  expect(await faultsOf(setOf(list('{other: x}')))).toMatchObject([
    { ...here(), field: 'spec.template.metadata.name', line: 10, code: 'template-render', message: expect.stringContaining('{{name}}') },
  ]);
  expect(await faultsOf(setOf(list('{name: a}', '{name: b}'), '/{{region}}'))).toMatchObject([
    { ...here(), generator: 'spec.generators[0].list', field: 'spec.template.spec.source.path', line: 13, code: 'unresolved' },
    { code: 'unresolved', message: expect.stringContaining('{{region}}') },
  ]);
  expect(await faultsOf(setOf(list('{name: a}', '{name: a}', '{name: b}')))).toMatchObject([
    {
      ...here(),
      set: 'apps',
      field: 'spec.template.metadata.name',
      line: 10,
      code: 'duplicate-name',
      message: expect.stringContaining('`a`'),
    },
  ]);
});

test('an inventory that cannot be read leaves no set standing, and names its own file and line', async () => {
  const clusters = write(
    'clusters.yaml',
    'kind: ConfigMap\n---\nkind: Secret\nmetadata: {name: s, labels: {argocd.argoproj.io/secret-type: cluster}}\nstringData: {name: x}\n',
  );
  expect(await faultsOf(setOf('  - clusters: {}'), '--clusters', clusters)).toMatchObject([
    { set: null, file: clusters, line: 3, code: 'invalid', message: expect.stringContaining('has no data.server') },
  ]);
  expect(await faultsOf(setOf('  - clusters: {}'), '--clusters', join(dir, 'none.yaml'))).toMatchObject([
    { file: join(dir, 'none.yaml'), message: expect.stringContaining('does not exist') },
  ]);
});

test('a file that cannot be read stops no other, and every good set is one sorted array in the shape of Argo CD', async () => {
  const broken = write('broken.yaml', 'a: [');
  const two = write('two.yaml', `${setOf(list('{name: b}', '{name: a}'), '', 'one')}---\n${setOf(list('{name: c}'), '', 'two')}`);
  const { out, error, exitCode } = await runCli(['appset', 'generate', '-f', broken, '-f', two, '--offline', '-o', 'json']);
  expect([exitCode, JSON.parse(error.trim()).file]).toEqual([1, broken]);
  const arrays = out.split(/\n(?=\[)/).map((text) => JSON.parse(text) as Record<string, unknown>[]);
  expect(arrays.map((array) => array.map(({ metadata }) => (metadata as { name: string }).name))).toEqual([['a', 'b'], ['c']]);
  expect(arrays[1]![0]).toEqual({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'c', namespace: 'argocd', finalizers: ['resources-finalizer.argocd.argoproj.io'] },
    spec: { project: 'default', source: { repoURL: 'https://r', path: 'p' }, destination: { name: 'c', namespace: 'ns' } },
  });
});

test('a directory inside a repository stands for one, at every revision', async () => {
  const of = async (revision: string) => {
    const file = write('sub.yaml', setOf(files('apps/g*', revision)));
    const { out } = await runCli(['appset', 'generate', '-f', file, '--repo', `${URL_OF_REPO}=${join(dir, 'repo/sub')}`, '-o', 'name']);
    return out;
  };
  expect([await of('HEAD'), await of('main')]).toEqual(['application.argoproj.io/good\n', 'application.argoproj.io/good\n']);
});

test('a list, as kubectl writes several documents, stands for them, with the lines of each', async () => {
  const indented = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line, i) => `${i === 0 ? '- ' : '  '}${line}\n`)
      .join('');
  const sets = indented(setOf(list('{name: a}'), '', 'one')) + indented(setOf(list('{other: b}'), '', 'two'));
  const file = write('list.yaml', `apiVersion: v1\nkind: List\nitems:\n${sets}`);
  const { out, error } = await runCli(['appset', 'generate', '-f', file, '--offline', '-o', 'name']);
  expect(out).toBe('application.argoproj.io/a\n');
  const [fault] = error.split('\n').filter((line) => line.startsWith('{'));
  expect(JSON.parse(fault!)).toMatchObject({ set: 'two', line: 3 + 14 + 10 });
  const clusters = write(
    'list-clusters.json',
    JSON.stringify({ kind: 'List', items: [{ apiVersion: 'flotilla.dev/v1alpha1', kind: 'Cluster', metadata: { name: 'eu' }, spec: {} }] }),
  );
  const all = write('all.yaml', setOf('  - clusters: {selector: {matchExpressions: [{key: x, operator: DoesNotExist}]}}'));
  expect((await runCli(['appset', 'generate', '-f', all, '--clusters', clusters, '-o', 'name'])).out).toBe('application.argoproj.io/eu\n');
});

test('a commit whose files are not all there is an error, never another content', async () => {
  const clone = join(dir, 'partial');
  cpSync(join(dir, 'repo'), clone, { recursive: true });
  const blob = execFileSync('git', ['rev-parse', 'HEAD:sub/apps/good.yaml'], { cwd: clone, encoding: 'utf8' }).trim();
  rmSync(join(clone, '.git/objects', blob.slice(0, 2), blob.slice(2)));
  const file = write('partial.yaml', setOf(files('sub/apps/g*', 'main')));
  const { error, exitCode } = await runCli(['appset', 'generate', '-f', file, '--repo', `${URL_OF_REPO}=${clone}`]);
  expect([exitCode, error]).toEqual([1, expect.stringContaining('lacks the content of sub/apps/good.yaml')]);
});
