import type { ApplicationSource, Bundle, HelmSource } from '@flotilla/contracts';
import type { Digest } from '@flotilla/kernel';
import type { GitRepository } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RenderedAnswer, type RendererBench, startRendererBench } from '../testing/renderer-bench.js';

let bench: RendererBench;
let repository: GitRepository;
let commit: string;

const CONFIG = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  a: {{ .Values.a | quote }}
  b: {{ .Values.b | quote }}
  c: {{ .Values.c | quote }}
  typed: {{ kindOf .Values.d }}
  text: {{ .Values.file | quote }}
`;

const chart = (name: string, files: Record<string, string>, extra = '') => ({
  [`${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${extra}`,
  ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`${name}/${path}`, text])),
});

beforeAll(async () => {
  bench = await startRendererBench();
  repository = await bench.server.createRepo('charts', {
    ...chart('app', {
      'values.yaml': 'a: default\nb: default\nc: default\nd: 1\n',
      'templates/config.yaml': CONFIG,
      'crds/widget.yaml': `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.x.io}\nspec: {group: x.io, names: {kind: Widget, plural: widgets}, scope: Namespaced, versions: []}\n`,
      'env/1-first.yaml': 'a: first\nb: first\n',
      'env/2-second.yaml': 'b: second\n',
      'notes.txt': 'from a file, with a comma',
    }),
    'shared/base.yaml': 'a: shared\n',
    ...chart('versions', {
      'templates/config.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: v}\ndata: {v: "{{ .Capabilities.KubeVersion.Version }}", has: "{{ .Capabilities.APIVersions.Has "x.io/v1" }}"}\n',
    }),
    ...chart('random', {
      'templates/secret.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: r}\nstringData: {password: {{ randAlphaNum 20 }}}\n',
    }),
    ...chart('lookup', {
      'templates/config.yaml':
        '{{- $old := lookup "v1" "Secret" "default" "x" }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: l}\ndata: {found: "{{ if $old }}yes{{ else }}no{{ end }}"}\n',
    }),
    ...chart('broken', {
      'templates/bad.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ required "set .Values.name" .Values.name }}\n',
    }),
    ...chart(
      'parent',
      { 'templates/none.yaml': '' },
      'dependencies:\n- {name: library, version: 1.0.0, repository: "file://../library"}\n',
    ),
    ...chart('library', { 'templates/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-library}\n' }),
    ...chart(
      'remote',
      { 'templates/none.yaml': '' },
      'dependencies:\n- {name: redis, version: 1.0.0, repository: "https://charts.example.com"}\n',
    ),
  });
  commit = (await bench.server.repositories.resolve(repository, 'main'))!;
});
afterAll(() => bench.close());

const source = (path: string, helm?: HelmSource): ApplicationSource => ({ repoURL: repository.httpUrl, path, ...(helm ? { helm } : {}) });

async function data(helm: HelmSource): Promise<Record<string, string>> {
  const { objects } = await bench.objects(source('app', helm), commit);
  return objects.find(({ kind }) => kind === 'ConfigMap')!.data as Record<string, string>;
}

test('files, values object and parameters win in this order', async () => {
  expect(await data({ valueFiles: ['env/1-first.yaml', 'env/2-second.yaml'] })).toMatchObject({ a: 'first', b: 'second', c: 'default' });
  expect(await data({ valueFiles: ['env/1-first.yaml'], valuesObject: { b: 'object' }, values: 'b: text\nc: text' })).toMatchObject({
    a: 'first',
    b: 'object',
    c: 'default',
  });
  expect(await data({ values: 'b: text\nc: text', parameters: [{ name: 'c', value: 'x,y' }] })).toMatchObject({ b: 'text', c: 'x,y' });
});

test('value files are found from the root, by glob and beside the repository of another source', async () => {
  expect(await data({ valueFiles: ['/shared/base.yaml', 'env/*.yaml'] })).toMatchObject({ a: 'first', b: 'second' });
  const values = await bench.server.createRepo('values', { 'prod/values.yaml': 'a: from-ref\n' });
  const sources = [source('app', { valueFiles: ['$values/prod/values.yaml'] }), { repoURL: values.httpUrl, ref: 'values' }];
  const at = (await bench.server.repositories.resolve(values, 'main'))!;
  const answer = await bench.render(await bench.putApplication('multi', sources), [commit, at]);
  expect(answer).toMatchObject({ objects: 2 });
  const { items } = (await bench.json((answer as RenderedAnswer).bundle)) as Bundle;
  expect(JSON.stringify(await Promise.all(items.map(({ digest }) => bench.json(digest))))).toContain('from-ref');
});

test('parameters are typed unless forced, files become text, the build environment is filled in', async () => {
  expect(await data({ parameters: [{ name: 'd', value: '2' }] })).toMatchObject({ typed: 'int64' });
  expect(await data({ parameters: [{ name: 'd', value: '2', forceString: true }] })).toMatchObject({ typed: 'string' });
  expect(await data({ fileParameters: [{ name: 'file', path: 'notes.txt' }] })).toMatchObject({ text: 'from a file, with a comma' });
  expect(await data({ parameters: [{ name: 'a', value: '$ARGOCD_APP_NAME/${ARGOCD_APP_NAMESPACE}' }] })).toMatchObject({ a: 'app/apps' });
});

test('release name, namespace and CRDs follow the source', async () => {
  const { objects } = await bench.objects(source('app', { releaseName: 'rel', namespace: 'own' }), commit);
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? '-'}/${metadata.name}`)).toEqual([
    'ConfigMap own/rel',
    'CustomResourceDefinition -/widgets.x.io',
  ]);
  const without = await bench.objects(source('app', { skipCrds: true }), commit);
  expect(without.objects.map(({ kind }) => kind)).toEqual(['ConfigMap']);
});

test('the version of the cluster is part of the key only where a chart looks at it', async () => {
  const render = async (path: string, kubernetesVersion: string, apiVersions: string[] = []) => {
    const answer = await bench.render(await bench.putApplication('app', [source(path)]), [commit], { kubernetesVersion, apiVersions });
    if ('error' in answer) throw new Error(answer.error.message);
    return answer.renderKey;
  };
  expect(await render('app', '1.31.0', ['x.io/v1'])).toBe(await render('app', '1.33.0'));
  expect(await render('versions', 'v1.31.2-gke.1')).toBe(await render('versions', '1.31.2'));
  expect(await render('versions', '1.31.2', ['x.io/v1'])).not.toBe(await render('versions', '1.31.2'));
  const { objects } = await bench.objects(source('versions', { kubeVersion: '1.30.1', apiVersions: ['x.io/v1'] }), commit);
  expect(objects[0]!.data).toEqual({ v: 'v1.30.1', has: 'true' });
});

test('random output is kept once and said, and a Secret is sealed under a digest nobody can guess', async () => {
  const first = await bench.objects(source('random'), commit);
  expect(first.answer.conditions).toEqual([{ type: 'NonDeterministic', message: expect.stringContaining('Secret/r') }]);
  const again = await bench.objects(source('random'), commit);
  expect([again.answer.bundle, again.answer.conditions]).toEqual([first.answer.bundle, first.answer.conditions]);
  const { items } = (await bench.json(first.answer.bundle)) as { items: { sealed?: boolean; digest: string }[] };
  expect(items[0]!.sealed).toBe(true);
  expect(await bench.blobs.get([items[0]!.digest as Digest])).toMatchObject([{ sealed: true }]);
});

test('lookup finds nothing and says so', async () => {
  const { answer, objects } = await bench.objects(source('lookup'), commit);
  expect(objects[0]!.data).toEqual({ found: 'no' });
  expect(answer.conditions).toEqual([{ type: 'LookupEmpty', message: expect.stringContaining('lookup/templates/config.yaml') }]);
});

test('a failing chart answers with what Helm said, a missing dependency with how to get it', async () => {
  expect(await bench.failure(source('broken'), commit)).toMatchObject({
    code: 'render-failed',
    message: expect.stringContaining('set .Values.name'),
  });
  expect(await bench.failure(source('remote'), commit)).toMatchObject({
    code: 'source-not-supported',
    message: expect.stringContaining('helm dependency update'),
  });
  const { objects } = await bench.objects(source('parent'), commit);
  expect(objects.map(({ metadata }) => metadata.name)).toEqual(['from-library']);
});

test('chart repositories, plugins and two blocks are refused with their own words', async () => {
  expect(await bench.failure({ repoURL: 'https://charts.example.com', chart: 'redis', targetRevision: '1.0.0' }, '1.0.0')).toMatchObject({
    code: 'source-not-supported',
    message: expect.stringContaining('chart repository'),
  });
  expect(await bench.failure({ ...source('app'), plugin: { name: 'x' } }, commit)).toMatchObject({ code: 'source-not-supported' });
  expect(await bench.failure({ ...source('app', {}), kustomize: {} }, commit)).toMatchObject({ code: 'bad-source-option' });
  expect(await bench.failure(source('app', { releaseName: '--post-renderer=x' }), commit)).toMatchObject({ code: 'bad-source-option' });
});
