import type { ApplicationSet } from '@flotilla/contracts';
import { readYamlLines } from '@flotilla/yaml';
import { describe, expect, test } from 'vitest';
import { type SetTrace, traceSet } from '../index.js';
import { clusterEntry, memoryPorts } from '../testing-ports.fake.js';

const setOf = (generators: unknown[], fields: Record<string, unknown> = {}, spec: object = {}): ApplicationSet =>
  ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: 'apps', namespace: 'argocd' },
    spec: {
      generators,
      template: {
        metadata: { name: '{{name}}' },
        spec: { project: 'default', source: { repoURL: 'https://r', path: 'p' }, destination: { name: 'c', namespace: 'n' }, ...fields },
      },
      ...spec,
    },
  }) as ApplicationSet;
const git = (path: string, more: object = {}) => ({ git: { repoURL: 'https://r', revision: 'main', files: [{ path }], ...more } });
const parameter = (trace: SetTrace, application: string, name: string) =>
  trace.applications.find((one) => one.name === application)?.parameters.find((one) => one.name === name);

describe('where a parameter comes from', () => {
  test('is file and line of a repository, with the element of a list, as YAML and JSON', async () => {
    const ports = memoryPorts({
      files: {
        'a/c.yaml': '# first\nname: one\nsize:\n  cpu: 2\n',
        'b/c.json': '[{"name": "two",\n "size": {"cpu": 1}},\n {"name": "three",\n "size": {\n"cpu": 3}}]',
      },
    });
    const trace = await traceSet(setOf([git('*/c.*')], { project: '{{size.cpu}}', destination: { name: '{{path.basename}}' } }), ports);
    const place = { generator: 'spec.generators[0].git', repository: 'https://r', revision: 'main' };
    expect(trace.applications.map(({ name }) => name)).toEqual(['one', 'three', 'two']);
    expect(parameter(trace, 'one', 'size.cpu')).toEqual({
      name: 'size.cpu',
      value: '2',
      fields: ['spec.project'],
      source: { ...place, file: 'a/c.yaml', line: 4 },
    });
    expect(parameter(trace, 'three', 'size.cpu')!.source).toEqual({ ...place, file: 'b/c.json', line: 5, element: 1 });
    expect(parameter(trace, 'two', 'path.basename')).toMatchObject({ value: 'b', source: { file: 'b/c.json', element: 0 } });
    expect(trace.unused).toEqual([]);
  });

  test('is cluster, label or annotation, and the line of `values` in the manifest', async () => {
    const generators = [{ clusters: { values: { tier: '{{metadata.labels.env}}-tier', idle: 'x' } } }];
    const set = setOf(generators, {
      project: '{{metadata.labels.env}}',
      destination: { name: '{{values.tier}}', namespace: '{{metadata.annotations.ns}}' },
    });
    const [lines] = readYamlLines(JSON.stringify(set, null, 1));
    const manifest = { file: 'set.json', lineOf: (path: string) => lines!.nearestLineOf(path) };
    const clusters = [
      { ...clusterEntry('dev', { env: 'test' }), annotations: { ns: 'web' } },
      clusterEntry('x', { env: 'e' }, 'https://kubernetes.default.svc'),
    ];
    const trace = await traceSet(set, memoryPorts({ clusters: clusters.slice(0, 1) }), { manifest, names: ['dev'] });
    const generator = 'spec.generators[0].clusters';
    expect(trace.applications[0]!.parameters.map(({ name, value, source }) => [name, value, source])).toEqual([
      ['name', 'dev', { generator, cluster: 'dev' }],
      [
        'values.tier',
        'test-tier',
        {
          generator,
          field: `${generator}.values.tier`,
          from: ['metadata.labels.env'],
          file: 'set.json',
          line: lines!.lineOf('spec.generators.0.clusters.values.tier'),
          cluster: 'dev',
        },
      ],
      ['metadata.annotations.ns', 'web', { generator, cluster: 'dev', annotation: 'ns' }],
      ['metadata.labels.env', 'test', { generator, cluster: 'dev', label: 'env' }],
    ]);
    expect(trace.unused).toMatchObject([
      { name: 'values.idle', sets: 2, source: { line: lines!.lineOf('spec.generators.0.clusters.values.idle') } },
    ]);
  });

  test('is told through a matrix and a merge, with what the merge overrode', async () => {
    const merge = {
      merge: {
        mergeKeys: ['name'],
        generators: [
          git('apps/*.yaml'),
          {
            list: {
              elements: [
                { name: 'a', size: '9' },
                { name: 'zz', size: '1' },
              ],
            },
          },
        ],
      },
    };
    const set = setOf([{ matrix: { generators: [merge, { list: { elements: [{ e: 'dev' }] } }] } }], { project: '{{size}}-{{e}}' });
    const ports = memoryPorts({ files: { 'apps/a.yaml': 'name: a\nsize: "1"\n', 'apps/b.yaml': 'name: b\nsize: "2"\n' } });
    const trace = await traceSet(set, ports);
    const path = 'spec.generators[0].matrix.generators[0].merge.generators';
    expect(parameter(trace, 'a', 'size')).toMatchObject({
      value: '9',
      source: { generator: `${path}[1].list`, field: `${path}[1].list.elements[0].size`, element: 0 },
      overridden: [{ value: '1', source: { generator: `${path}[0].git`, file: 'apps/a.yaml', line: 2 } }],
    });
    expect(parameter(trace, 'b', 'size')).toMatchObject({ value: '2', source: { file: 'apps/b.yaml', line: 2 } });
    expect(parameter(trace, 'b', 'e')).toMatchObject({ source: { generator: 'spec.generators[0].matrix.generators[1].list', element: 0 } });
    expect(trace.unmatched).toEqual([
      { against: `${path}[0]`, source: { generator: `${path}[1].list`, field: `${path}[1].list.elements[1]`, element: 1 } },
    ]);
  });

  test('names what a text of the set is made from, through a matrix and elementsYaml', async () => {
    const list = { list: { elements: [{ e: '{{ .app }}-x', plain: 'p' }], elementsYaml: '{{ .more | toJson }}' } };
    const set = setOf(
      [{ matrix: { generators: [git('a.yaml'), list] } }],
      {},
      { goTemplate: true, template: { metadata: { name: '{{ .e }}' } } },
    );
    const trace = await traceSet(set, memoryPorts({ files: { 'a.yaml': 'app: web\nmore: [{e: last}]\n' } }));
    const at = 'spec.generators[0].matrix.generators[1].list';
    expect(trace.applications.map(({ name, parameters: [one] }) => [name, one!.source!.field, one!.source!.from])).toEqual([
      ['last', `${at}.elementsYaml`, ['more']],
      ['web-x', `${at}.elements[0].e`, ['app']],
    ]);
    expect(trace.unused.map(({ name }) => name)).toEqual(['plain']);
  });

  test('is told for Go templates, generator templates and patches, and a template that takes everything leaves nothing unused', async () => {
    const elements = [{ name: 'a', deep: { x: 1, y: 2 }, idle: 'i', list: [1] }];
    const spec = { goTemplate: true, templatePatch: 'spec: {project: "{{ .deep.x }}"}', template: { metadata: { name: '{{ .name }}' } } };
    const template = setOf([]).spec.template;
    const trace = await traceSet(setOf([{ list: { elements, template: { spec: template.spec } } }], {}, spec), memoryPorts({}));
    expect(parameter(trace, 'a', 'deep.x')).toMatchObject({ value: 1, fields: ['spec.templatePatch'], source: { element: 0 } });
    expect(trace.unused.map(({ name }) => name)).toEqual(['deep.y', 'idle', 'list']);
    const all = { ...spec, templatePatch: 'metadata: {labels: {all: {{ toJson . | quote }}}}' };
    expect((await traceSet(setOf([{ list: { elements, template: { spec: template.spec } } }], {}, all), memoryPorts({}))).unused).toEqual(
      [],
    );
  });
});

test('overlays of a matrix without a cluster, defaults, held applications and lint are told', async () => {
  const second = { clusters: { selector: { matchLabels: { tier: '{{path.basename}}' } } } };
  const directories = { git: { repoURL: 'https://r', revision: 'main', directories: [{ path: 'overlays/*' }] } };
  const set = setOf([{ matrix: { generators: [directories, second] } }], { project: '{{team | default "core"}}' });
  const ports = memoryPorts({
    clusters: [clusterEntry('p', { tier: 'prod' })],
    files: { 'overlays/prod/k.yaml': '', 'overlays/dev/k.yaml': '' },
  });
  const trace = await traceSet(set, ports);
  expect(trace.unmatched).toEqual([
    {
      against: 'spec.generators[0].matrix.generators[1]',
      source: { generator: 'spec.generators[0].matrix.generators[0].git', repository: 'https://r', revision: 'main', file: 'overlays/dev' },
    },
  ]);
  expect(parameter(trace, 'p', 'team')).toEqual({
    name: 'team',
    value: 'core',
    fields: ['spec.project'],
    source: { generator: 'spec.template', field: 'spec.template.spec.project' },
  });
  expect(trace.findings.join('\n')).toMatch(/overlays\/dev matched nothing[\s\S]*`\| default` needs/);
  const twice = await traceSet(setOf([{ list: { elements: [{ name: 'a' }, { name: 'a' }] } }]), memoryPorts({}));
  expect(twice.applications).toMatchObject([{ name: 'a', held: expect.stringContaining('2 Applications share') }]);
});
