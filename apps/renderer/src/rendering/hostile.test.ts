import type { ApplicationSource } from '@flotilla/contracts';
import type { GitRepository } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RendererBench, startRendererBench } from '../testing/renderer-bench.js';

let bench: RendererBench;
let repository: GitRepository;
let commit: string;

const chart = (name: string, template: string) => ({
  [`${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`,
  [`${name}/templates/x.yaml`]: template,
});
const bomb = [
  'a0: &a0 lol',
  ...Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`),
].join('\n');

beforeAll(async () => {
  bench = await startRendererBench();
  repository = await bench.server.createRepo('hostile', {
    ...chart('endless', '{{- range until 2000000000 }}{{ end }}\n'),
    ...chart('large', '{{- range until 3000000 }}\n# 0123456789012345678901234567890123456789\n{{- end }}\n'),
    ...chart('network', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: net}\ndata: {ip: "{{ getHostByName "example.com" }}"}\n'),
    ...chart('environment', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ env "HOME" }}}\n'),
    ...chart(
      'reader',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: r}\ndata: {text: {{ .Files.Get "../../../../../../etc/hostname" | quote }}}\n',
    ),
    'values/Chart.yaml': 'apiVersion: v2\nname: values\nversion: 1.0.0\n',
    'values/templates/x.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: v}\n',
    'linked.yaml': { symlink: '../../../../etc/passwd' },
    'bomb/a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\n${bomb}\n`,
    'deep/a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: deep}\ndata: ${'{a: '.repeat(5000)}1${'}'.repeat(5000)}\n`,
    'number/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: num}\ndata: {num: 9007199254740993}\n',
    'prototype/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p}\n__proto__: {polluted: true}\n',
  });
  commit = (await bench.server.repositories.resolve(repository, 'main'))!;
});
afterAll(() => bench.close());

const source = (path: string, helm?: ApplicationSource['helm']): ApplicationSource => ({
  repoURL: repository.httpUrl,
  path,
  ...(helm ? { helm } : {}),
});

test('a template that never ends or floods is stopped, and the next one renders', async () => {
  const hasty = bench.another({ FLOTILLA_RENDER_TIMEOUT: '1500ms' });
  const codes: string[] = [];
  for (const path of ['endless', 'large', 'values']) {
    const { metadata } = await bench.putApplication('app', [source(path)]);
    const { items } = await hasty.uses.render({ items: [{ namespace: 'argocd', name: 'app', uid: metadata.uid!, commits: [commit] }] });
    codes.push('error' in items[0]! ? items[0].error.code : 'rendered');
  }
  expect(codes[0]).toMatch(/render-limit|render-failed/);
  expect(codes[1]).toMatch(/render-limit|render-failed/);
  expect(codes[2]).toBe('rendered');
});

test('templates reach neither network nor environment nor files outside the chart', async () => {
  const { objects } = await bench.objects(source('network'), commit);
  expect(objects[0]!.data).toEqual({ ip: '' });
  expect(await bench.failure(source('environment'), commit)).toMatchObject({ code: 'render-failed' });
  expect((await bench.objects(source('reader'), commit)).objects[0]!.data).toEqual({ text: '' });
});

test.each(['../../../../etc/passwd', '/etc/passwd', '../linked.yaml', 'https://example.com/values.yaml', '$other/x.yaml'])(
  'value file %s is not read',
  async (file) => {
    const { code } = await bench.failure(source('values', { valueFiles: [file] }), commit);
    expect(['bad-path', 'source-not-supported', 'bad-source-option']).toContain(code);
    const parameter = await bench.failure(source('values', { fileParameters: [{ name: 'x', path: file }] }), commit);
    expect(['bad-path', 'source-not-supported', 'bad-source-option']).toContain(parameter.code);
  },
);

test('manifests that would explode, nest, round or pollute are refused with their place', async () => {
  for (const path of ['bomb', 'deep', 'number']) {
    expect(await bench.failure(source(path), commit)).toMatchObject({
      code: 'render-failed',
      message: expect.stringMatching(new RegExp(`^${path}/a\\.yaml:\\d+`)),
    });
  }
  await bench.objects(source('prototype'), commit);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
