import type { ApplicationSource } from '@flotilla/contracts';
import { digestBytes } from '@flotilla/kernel';
import { expect, test } from 'vitest';
import { planRender } from '../plan-render.js';
import type { SourceTree } from './source-tree.js';

function treeOf(files: Record<string, string | { link: string }>): SourceTree {
  const texts = new Map<string, string>();
  const entries = Object.entries(files).map(([path, file]) => {
    const text = typeof file === 'string' ? file : file.link;
    const object = digestBytes(text);
    texts.set(object, text);
    return [path, { path, mode: typeof file === 'string' ? '100644' : '120000', object, size: text.length }] as const;
  });
  return { entries: new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1))), read: async ({ object }) => Buffer.from(texts.get(object)!) };
}

const CHART = 'name: x\nversion: 1.0.0\n';
const DEPENDENT = `${CHART}dependencies: [{name: lib, repository: "file://../../libs/lib"}]\n`;

async function reads(files: Record<string, string | { link: string }>, source: Partial<ApplicationSource>): Promise<string[]> {
  const tree = treeOf(files);
  const context = { name: 'web', namespace: 'argocd', project: 'default', destinationNamespace: 'apps', revision: '0'.repeat(40) };
  const plan = await planRender({ repoURL: 'https://host/repo', ...source }, tree, { ...context, refs: new Map() });
  expect(plan.reads.every((place) => place.tree === tree)).toBe(true);
  return plan.reads.map(({ path }) => path).sort();
}

test('a plain directory is read whole, the root of the repository too', async () => {
  const files = { 'app/a.yaml': 'a', 'app/sub/b.yaml': 'b', 'other/c.yaml': 'c' };
  expect(await reads(files, { path: 'app' })).toEqual(['app']);
  expect(await reads(files, { path: '.' })).toEqual(['']);
});

test('a chart is read with its local dependencies and value files, also where one is missing or may appear', async () => {
  const files = {
    'charts/web/Chart.yaml': DEPENDENT,
    'libs/lib/Chart.yaml': CHART,
    'libs/lib/templates/a.yaml': '',
    'env/prod/values.yaml': '',
    'shared/common.yaml': '',
  };
  const valueFiles = ['/env/*/values.yaml', '../../shared/common.yaml', '../../shared/absent.yaml'];
  const helm = { valueFiles, ignoreMissingValueFiles: true };
  expect(await reads(files, { path: 'charts/web', helm })).toEqual([
    'charts/web',
    'env',
    'libs/lib',
    'shared/absent.yaml',
    'shared/common.yaml',
  ]);
  expect(await reads(files, { path: 'charts/web', helm: { valueFiles: ['/*/prod/values.yaml'] } })).toEqual(['']);
});

test('a kustomization is read with its bases, single files and components, present or not', async () => {
  const files = {
    'app/kustomization.yaml': 'resources: [../base, ../single/a.yaml]\n',
    'base/kustomization.yaml': 'resources: [deep/b.yaml]\n',
    'base/deep/b.yaml': '',
    'single/a.yaml': '',
    'single/b.yaml': '',
    'parts/one/kustomization.yaml': 'kind: Component\n',
  };
  const kustomize = { components: ['../parts/one', '../parts/two'], ignoreMissingComponents: true };
  expect(await reads(files, { path: 'app', kustomize })).toEqual(['app', 'base', 'parts/one', 'parts/two', 'single/a.yaml']);
});

test('what symbolic links lead to is read, in several steps, dangling or not, through the directory itself too', async () => {
  const files = {
    'app/a.yaml': { link: '../one/a.yaml' },
    'app/gone.yaml': { link: '../absent/x.yaml' },
    'app/outside.yaml': { link: '../../etc/passwd' },
    one: { link: 'two' },
    'two/a.yaml': 'a',
    alias: { link: 'real/team' },
    'real/team/web/b.yaml': 'b',
    unrelated: { link: 'two' },
  };
  const directory = { include: 'a.yaml' };
  expect(await reads(files, { path: 'app', directory })).toEqual(['absent/x.yaml', 'app', 'one/a.yaml', 'two/a.yaml']);
  expect(await reads(files, { path: 'alias/web' })).toEqual(['alias/web', 'real/team/web']);
});

test('a link that leads to the root, or back into itself, makes a source read the whole commit', async () => {
  expect(await reads({ 'app/all': { link: '..' }, 'app/a.yaml': 'a' }, { path: 'app' })).toEqual(['']);
  const intoItself = { 'app/a.yaml': 'a', 'app/self': { link: 'self/self' } };
  expect(await reads(intoItself, { path: 'app', directory: { include: 'a.yaml' } })).toEqual(['']);
});
