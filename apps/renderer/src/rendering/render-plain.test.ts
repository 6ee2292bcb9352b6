import type { ApplicationSource, DirectorySource } from '@flotilla/contracts';
import type { GitRepository } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RendererBench, startRendererBench } from '../testing/renderer-bench.js';

let bench: RendererBench;
let repository: GitRepository;
let commit: string;

const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

beforeAll(async () => {
  bench = await startRendererBench();
  repository = await bench.server.createRepo('plain', {
    'app/a.yaml': `${map('a1')}---\n${map('a2')}`,
    'app/b.json':
      '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s1"}},{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"n"}}]}',
    'app/values.yaml': 'replicas: 2\n',
    'app/README.md': '# not a manifest',
    'app/skipped.yaml': `# +argocd:skip-file-rendering\n${map('skipped')}`,
    'app/sub/c.yml': map('c'),
    'app/sub/test/d.yaml': map('d'),
    'app/link.yaml': { symlink: '../shared/shared.yaml' },
    'shared/shared.yaml': map('shared'),
    'bad/broken.yaml': `${map('x')}  wrong: [\n`,
    'mixed/mixed.yaml': `${map('x')}---\nreplicas: 1\n`,
    'twice/a.yaml': map('same'),
    'twice/b.yaml': map('same'),
    'jsonnet/main.jsonnet': '{}',
    'none/README.md': 'nothing here',
    'modes/x.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: modes}\ndata: {mode: 0755, "on": "off"}\n',
    'escape/link.yaml': { symlink: '../../../../etc/passwd' },
    'escape/absolute.yaml': { symlink: '/etc/passwd' },
    'secretive/a.yaml': ['ExternalSecret', 'SecretStore']
      .map((kind) => `apiVersion: external-secrets.io/v1\nkind: ${kind}\nmetadata: {name: db}\n---\n${map(kind.toLowerCase())}`)
      .join('---\n'),
    'loop/a.yaml': { symlink: 'b.yaml' },
    'loop/b.yaml': { symlink: 'a.yaml' },
    'linked-dir': { symlink: 'app/sub' },
    'submodule/module': { submodule: '1'.repeat(40) },
    'submodule/a.yaml': map('beside'),
  });
  commit = (await bench.server.repositories.resolve(repository, 'main'))!;
});
afterAll(() => bench.close());

const source = (path: string, directory?: DirectorySource): ApplicationSource => ({
  repoURL: repository.httpUrl,
  path,
  ...(directory ? { directory } : {}),
});

async function names(path: string, directory?: DirectorySource): Promise<string[]> {
  const { objects } = await bench.objects(source(path, directory), commit);
  return objects.map(({ metadata }) => metadata.name).sort();
}

test('manifests of the directory itself are read, lists are unpacked, other files are left out', async () => {
  expect(await names('app')).toEqual(['a1', 'a2', 'n', 's1', 'shared']);
});

test('subdirectories are read on request; exclude wins over include and * crosses directories', async () => {
  expect(await names('app', { recurse: true })).toEqual(['a1', 'a2', 'c', 'd', 'n', 's1', 'shared']);
  expect(await names('app', { recurse: true, include: '{a.yaml,sub/*}', exclude: '*test*' })).toEqual(['a1', 'a2', 'c']);
});

test('scalars mean what they mean to kubectl', async () => {
  const { objects } = await bench.objects(source('modes'), commit);
  expect(objects[0]!.data).toEqual({ mode: 493, on: 'off' });
});

test('a link inside the repository is followed, to a directory too; one that leaves or loops is refused', async () => {
  expect(await names('linked-dir')).toEqual(['c']);
  expect(await bench.failure(source('escape'), commit)).toMatchObject({
    code: 'bad-path',
    message: expect.stringContaining('escape/absolute.yaml'),
  });
  expect(await bench.failure(source('loop'), commit)).toMatchObject({
    code: 'bad-path',
    message: expect.stringContaining('symbolic link'),
  });
});

test.each([
  ['../etc', 'leaves the repository'],
  ['/etc', 'absolute'],
  ['app/../../x', 'leaves the repository'],
  ['nowhere', 'does not exist at this revision'],
  ['app/a.yaml', 'is a file'],
  ['.git', '.git'],
])('path %s is refused', async (path, words) => {
  expect(await bench.failure(source(path), commit)).toMatchObject({ code: 'bad-path', message: expect.stringContaining(words) });
});

test('broken, mixed, doubled and foreign files are errors that name the file', async () => {
  const failure = async (path: string) => {
    const { code, message } = await bench.failure(source(path), commit);
    return `${code}: ${message}`;
  };
  expect(await failure('bad')).toMatch(/render-failed: bad\/broken\.yaml:\d+/);
  expect(await failure('mixed')).toMatch(/render-failed: mixed\/mixed\.yaml:5: apiVersion and kind are missing/);
  expect(await failure('twice')).toMatch(/duplicate-object: .*twice\/a\.yaml:1 and twice\/b\.yaml:1/);
  expect(await failure('jsonnet')).toMatch(/source-not-supported: .*main\.jsonnet/);
});

test('nothing at all is an error, unless it is meant', async () => {
  expect(await bench.failure(source('none'), commit)).toMatchObject({
    code: 'empty-source',
    message: expect.stringContaining('allowEmpty'),
  });
  const { answer } = await bench.objects(source('none'), commit, { syncPolicy: { automated: { allowEmpty: true } } });
  expect(answer.objects).toBe(0);
});

test('for a cluster whose secrets the broker gives, what asks for them are references and stores are left out with a warning', async () => {
  const application = await bench.putApplication('secretive', [source('secretive')]);
  const inCluster = await bench.render(application, [commit]);
  const brokered = await bench.render(application, [commit], { secrets: 'broker' });
  const again = await bench.render(application, [commit], { secrets: 'broker' });
  if ('error' in inCluster || 'error' in brokered) throw new Error('it does not render');
  expect([inCluster.objects, brokered.objects]).toEqual([4, 3]);
  expect(brokered.renderKey).not.toBe(inCluster.renderKey);
  expect(again).toEqual(brokered);
  expect(await bench.json(brokered.bundle)).toMatchObject({
    items: [{ kind: 'ConfigMap' }, { kind: 'ConfigMap' }],
    references: [{ kind: 'ExternalSecret', name: 'db' }],
  });
  expect(brokered.conditions).toEqual([{ type: 'SecretStoreSkipped', message: expect.stringContaining('SecretStore/db') }]);
});

test('where nothing asks for secrets, how a cluster gets its own changes neither key nor bundle', async () => {
  const application = await bench.putApplication('calm', [source('app')]);
  expect(await bench.render(application, [commit], { secrets: 'broker' })).toEqual(await bench.render(application, [commit]));
});

test('a submodule is not fetched, and that is said', async () => {
  const { answer } = await bench.objects(source('submodule'), commit);
  expect(answer.conditions).toEqual([{ type: 'SubmoduleMissing', message: expect.stringContaining('submodule/module') }]);
});

test('one application that cannot be rendered does not touch the others', async () => {
  const good = await bench.putApplication('good', [source('twice/../shared')]);
  const bad = await bench.putApplication('bad', [source('bad')]);
  const item = ({ metadata }: typeof good) => ({ namespace: 'argocd', name: metadata.name, uid: metadata.uid!, commits: [commit] });
  const reply = await bench.renderer.uses.render({ items: [item(bad), item(good), { ...item(good), uid: 'other' }] });
  expect(reply.items.map((answer) => ('error' in answer ? answer.error.code : answer.objects))).toEqual(['render-failed', 1, 'not-found']);
});
