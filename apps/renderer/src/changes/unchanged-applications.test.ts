import type { Application, ApplicationSource } from '@flotilla/contracts';
import type { GitFile, GitRepository } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Renderer } from '../create-renderer.js';
import { type RendererBench, startRendererBench } from '../testing/renderer-bench.js';

let bench: RendererBench;
let repository: GitRepository;
let forgetful: Renderer;

const map = (name: string, value = 'x') => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`;
const FILES: Record<string, GitFile> = {
  'plain/a.yaml': map('a'),
  'linked/a.yaml': { symlink: '../shared/a.yaml' },
  'shared/a.yaml': map('shared'),
  'overlay/kustomization.yaml': 'resources: [../base, ../plain/a.yaml]\n',
  'base/kustomization.yaml': 'resources: [b.yaml]\n',
  'base/b.yaml': map('b'),
  'chart/Chart.yaml':
    'apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: lib, version: 1.0.0, repository: "file://../lib"}]\n',
  'chart/templates/c.yaml': map('c', '{{ .Values.greeting }}'),
  'chart/values.yaml': 'greeting: hello\n',
  'lib/Chart.yaml': 'apiVersion: v2\nname: lib\nversion: 1.0.0\n',
  'lib/templates/l.yaml': map('l'),
};

beforeAll(async () => {
  bench = await startRendererBench();
  forgetful = bench.another({});
  repository = await bench.server.createRepo('unchanged', FILES);
});
afterAll(() => bench.close());

const head = async () => (await bench.server.repositories.resolve(repository, 'main'))!;
const at = (path: string, rest: Partial<ApplicationSource> = {}): ApplicationSource => ({ repoURL: repository.httpUrl, path, ...rest });

/**
 * As the renderer answers that keeps what it can, and as one that can keep nothing: an API version that no chart asks for makes
 * each of its requests another one without changing any render.
 */
async function answers(applications: readonly Application[], commit: string) {
  const items = applications.map(({ metadata, spec }) => ({
    namespace: 'argocd',
    name: metadata.name,
    uid: metadata.uid!,
    commits: (spec.sources ?? []).map(() => commit),
  }));
  const others = items.map((item) => ({ ...item, apiVersions: [`example.org/${commit}`] }));
  const [seen, expected] = await Promise.all([bench.renderer.uses.render({ items }), forgetful.uses.render({ items: others })]);
  return { seen: seen.items, expected: expected.items };
}

test('commit after commit, a renderer that keeps answers gives those of one that keeps none', async () => {
  const applications = [
    await bench.putApplication('plain', [at('plain')]),
    await bench.putApplication('linked', [at('linked')]),
    await bench.putApplication('root', [at('.', { directory: { include: 'plain/*', recurse: true } })]),
    await bench.putApplication('overlay', [at('overlay')]),
    await bench.putApplication('chart', [
      at('chart', { helm: { ignoreMissingValueFiles: true, valueFiles: ['/env/*.yaml', '../extra.yaml'] } }),
    ]),
    await bench.putApplication('revision', [at('chart', { helm: { parameters: [{ name: 'greeting', value: '$ARGOCD_APP_REVISION' }] } })]),
    await bench.putApplication('two', [at('plain'), { repoURL: repository.httpUrl, ref: 'values' }, at('base')]),
  ];
  const changes: Record<string, GitFile>[] = [
    {},
    { 'README.md': 'nothing' },
    { 'shared/a.yaml': map('shared', 'y') },
    { 'base/b.yaml': map('b', 'y') },
    { 'plain/a.yaml': map('a', 'y') },
    { 'env/prod.yaml': 'greeting: prod\n' },
    { 'extra.yaml': 'greeting: extra\n' },
    { 'lib/templates/l.yaml': map('l', 'y') },
    { 'linked/a.yaml': { symlink: '../base/b.yaml' } },
    { 'base/b.yaml': null, 'base/kustomization.yaml': 'resources: []\n' },
    { 'base/b.yaml': map('b'), 'base/kustomization.yaml': 'resources: [b.yaml]\n' },
    { 'plain/a.yaml': null, 'plain/z.yaml': map('a', 'y') },
  ];
  const bundles: string[] = [];
  for (const files of changes) {
    const commit = Object.keys(files).length > 0 ? await bench.server.commit(repository, files) : await head();
    const { seen, expected } = await answers(applications, commit);
    expect(seen).toEqual(expected);
    bundles.push(JSON.stringify(seen));
  }
  expect(new Set(bundles).size).toBe(changes.length);
}, 60_000);

test('an answer that is kept is still refused to a project that may not read the repository any more', async () => {
  const other = await bench.server.createRepo('withdrawn', { 'plain/a.yaml': map('a') });
  const application = await bench.putApplication('withdrawn', [{ repoURL: other.httpUrl, path: 'plain' }]);
  const commit = (await bench.server.repositories.resolve(other, 'main'))!;
  expect(await bench.render(application, [commit])).toHaveProperty('bundle');
  await bench.putSecret('withdrawn', 'repository', { url: other.httpUrl, project: 'another' });
  bench.clock.advance(60_000);
  expect(await bench.render(application, [commit])).toMatchObject({ error: { code: 'repository-not-permitted' } });
});
