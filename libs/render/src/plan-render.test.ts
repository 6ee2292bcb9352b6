import type { ApplicationSource } from '@flotilla/contracts';
import { digestBytes } from '@flotilla/kernel';
import { expect, test } from 'vitest';
import { executePlan, type RunTool } from './execute-plan.js';
import { planRender, renderKey } from './plan-render.js';
import type { RenderContext } from './render-plan.js';
import type { SourceTree } from './source/source-tree.js';

function treeOf(files: Record<string, string | { link: string }>): SourceTree {
  const entries = Object.entries(files).map(([path, file]) => {
    const text = typeof file === 'string' ? file : file.link;
    return { path, mode: typeof file === 'string' ? '100644' : '120000', object: digestBytes(text), size: text.length, text };
  });
  const contents = new Map(entries.map(({ object, text }) => [object as string, text]));
  return {
    entries: new Map(entries.sort((a, b) => (a.path < b.path ? -1 : 1)).map(({ text: _, ...entry }) => [entry.path, entry])),
    read: async ({ object }) => Buffer.from(contents.get(object)!),
  };
}

const context = (rest: Partial<RenderContext> = {}): RenderContext => ({
  name: 'web',
  namespace: 'argocd',
  project: 'default',
  destinationNamespace: 'apps',
  revision: '0123456789abcdef0123456789abcdef01234567',
  refs: new Map(),
  ...rest,
});
const source = (rest: Partial<ApplicationSource>): ApplicationSource => ({ repoURL: 'https://host/repo', ...rest });

const CHART = {
  'chart/Chart.yaml': 'name: x\nversion: 1.0.0\n',
  'chart/values.yaml': 'a: 1\n',
  'chart/templates/a.yaml': 'kind: {{ .Values.a }}\n',
};

test('Helm is called with what the source says, in the order that decides', async () => {
  const helm = {
    releaseName: 'rel',
    valueFiles: ['values.yaml', '../env.yaml'],
    values: 'ignored: true',
    valuesObject: { b: 'yes' },
    parameters: [
      { name: 'c', value: 'x,y' },
      { name: 'd', value: '{a,b}', forceString: true },
    ],
    skipCrds: true,
    skipTests: true,
  };
  const plan = await planRender(source({ path: 'chart', helm }), treeOf({ ...CHART, 'env.yaml': 'a: 2\n' }), context());
  expect(plan.command).toEqual({
    tool: 'helm',
    cwd: 'chart',
    argv: [
      'template',
      'rel',
      '.',
      '--namespace=apps',
      '--skip-crds',
      '--skip-tests',
      '--values=../inputs/values-0.yaml',
      '--values=../inputs/values-1.yaml',
      '--values=../inputs/values.yaml',
      '--set=c=x\\,y',
      '--set-string=d={a,b}',
    ],
  });
  expect(plan.keylessArgv).toEqual(['--kube-version=1.34.0']);
  expect(plan.files.find(({ to }) => to === 'inputs/values.yaml')).toMatchObject({ text: "b: 'yes'\n" });
});

test('the render key follows content, values, names and tool, and nothing else', async () => {
  const key = async (
    files: Record<string, string>,
    rest: Partial<ApplicationSource> = {},
    about: Partial<RenderContext> = {},
    tool = 'v4',
  ) => renderKey(await planRender(source({ path: 'chart', ...rest }), treeOf(files), context(about)), tool);
  const base = await key(CHART);
  expect(await key({ ...CHART, 'other/file': 'x' }, {}, { revision: 'f'.repeat(40), kubernetesVersion: '1.30.0' })).toBe(base);
  const others = [
    await key({ ...CHART, 'chart/values.yaml': 'a: 2\n' }),
    await key(CHART, { helm: { values: 'a: 3' } }),
    await key(CHART, {}, { name: 'other' }),
    await key(CHART, {}, { destinationNamespace: 'other' }),
    await key(CHART, {}, {}, 'v5'),
    await key(CHART, { helm: { parameters: [{ name: 'r', value: '$ARGOCD_APP_REVISION' }] } }),
  ];
  expect(new Set([base, ...others]).size).toBe(others.length + 1);
  const asking = { ...CHART, 'chart/templates/a.yaml': '{{ .Capabilities.KubeVersion }}' };
  expect(await key(asking, {}, { kubernetesVersion: '1.30.0' })).not.toBe(await key(asking, {}, { kubernetesVersion: '1.31.0' }));
});

test('an explicit block decides, else a kustomization, else a chart, else plain manifests', async () => {
  const files = { 'x/Chart.yaml': 'name: x\n', 'x/kustomization.yaml': 'resources: []\n', 'p/a.yaml': '', 'h/Chart.yaml': 'name: h\n' };
  const typeOf = async (rest: Partial<ApplicationSource>) => (await planRender(source(rest), treeOf(files), context())).type;
  expect([
    await typeOf({ path: 'x' }),
    await typeOf({ path: 'x', helm: {} }),
    await typeOf({ path: 'x', directory: {} }),
    await typeOf({ path: 'h' }),
    await typeOf({ path: 'p' }),
  ]).toEqual(['Kustomize', 'Helm', 'Directory', 'Helm', 'Directory']);
});

test('only the directories a build reaches take part', async () => {
  const files = {
    'base/kustomization.yaml': 'resources: [a.yaml]\n',
    'base/a.yaml': 'x: 1\n',
    'prod/kustomization.yaml': 'resources: [../base]\n',
    'staging/kustomization.yaml': 'resources: [../base]\n',
  };
  const plan = await planRender(source({ path: 'prod' }), treeOf(files), context());
  expect(plan.files.map(({ to }) => to)).toEqual([
    'source/base/a.yaml',
    'source/base/kustomization.yaml',
    'source/prod/kustomization.yaml',
  ]);
});

test('links are replaced by what they point to, over several hops and through directories', async () => {
  const files = {
    'real/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
    dir: { link: 'real' },
    'app/one.yaml': { link: '../dir/a.yaml' },
    'app/two.yaml': { link: 'one.yaml' },
  };
  const plan = await planRender(source({ path: 'app' }), treeOf(files), context());
  const { objects } = await executePlan(plan, () => Promise.reject(new Error('no tool is needed')));
  expect(objects.map(({ origin }) => origin)).toEqual(['app/one.yaml:1', 'app/two.yaml:1']);
});

test('a failing, slow, loud or absent tool is told apart, and its words keep the names of the repository', async () => {
  const plan = await planRender(source({ path: 'chart', helm: { valueFiles: ['values.yaml'] } }), treeOf(CHART), context());
  const run = (result: Partial<Awaited<ReturnType<RunTool>>>) =>
    executePlan(plan, async () => ({ end: 'exited', code: 0, stdout: Buffer.from(''), stderr: '', ...result }));
  await expect(run({ code: 1, stderr: 'Error: failed to parse ../inputs/values-0.yaml: bad' })).rejects.toMatchObject({
    code: 'render-failed',
    message: 'helm could not render "chart": Error: failed to parse chart/values.yaml: bad',
  });
  await expect(run({ end: 'wall', code: null })).rejects.toMatchObject({ code: 'render-limit' });
  await expect(run({ end: 'output', code: null })).rejects.toMatchObject({ code: 'render-limit' });
  await expect(run({ end: 'missing', code: null })).rejects.toMatchObject({ code: 'tool-missing', retry: 'later' });
  const rendered = await run({
    stdout: Buffer.from('---\n# Source: x/templates/a.yaml\nkind: A\n---\nkind: List\nitems: [{kind: B}]\n'),
    stderr: 'deprecated',
  });
  expect(rendered).toEqual({
    objects: [
      { object: { kind: 'A' }, origin: 'x/templates/a.yaml' },
      { object: { kind: 'B' }, origin: 'helm output of chart:5' },
    ],
    warnings: [{ type: 'ToolWarning', message: 'helm: deprecated' }],
  });
});
