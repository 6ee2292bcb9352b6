import type { ApplicationSet } from '@flotilla/contracts';
import { digestBytes } from '@flotilla/kernel';
import { describe, expect, test } from 'vitest';
import { expandSet } from '../expand/expand-set.js';
import { documentOf } from '../expand/expansion.js';
import { faultOfGoOptions, lintSet } from '../expand/lint-set.js';
import { clusterEntry, memoryPorts } from '../testing-ports.fake.js';

const source = { repoURL: 'https://g/r', path: 'app' };
const template = { metadata: { name: '{{.name}}' }, spec: { project: 'default', source, destination: { name: '{{.name}}' } } };
const clusters = [clusterEntry('a', { env: 'dev', 'x.io/tier': 'gold' }), clusterEntry('b', { env: 'prod' })];
const files = {
  'apps/one/config.yaml': 'replicas: 1000000\nenvironments:\n- {name: dev, debug: true}\n- {name: prod}\nvalues: {own: file}\n',
  'apps/two/config.yaml': 'replicas: 2\n',
};

function setOf(generators: unknown[], spec: Partial<ApplicationSet['spec']> = {}): ApplicationSet {
  const kept = { generators: generators as Record<string, unknown>[], template, goTemplate: true, ...spec };
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', metadata: { name: 'apps', namespace: 'argocd' }, spec: kept };
}

async function expand(set: ApplicationSet) {
  const { applications, held } = await expandSet(set, memoryPorts({ clusters, files }));
  for (const application of applications) expect(digestBytes(application.text())).toBe(application.digest);
  return { documents: applications.map(documentOf), held };
}

const withLabels = (labels: Record<string, string>, name = '{{.name}}') => ({ ...template, metadata: { name, labels } });
const labelsOf = async (set: ApplicationSet) => (await expand(set)).documents.map(({ metadata }) => metadata.labels);
const selected = { clusters: { selector: { matchExpressions: [{ key: 'env', operator: 'Exists' }] } } };

describe('a set with Go templates', () => {
  test('reads labels as a map of text: what is missing prints <no value>, or nothing through index', async () => {
    const labels = {
      env: '{{.metadata.labels.env}}',
      tier: '{{index .metadata.labels "x.io/tier"}}',
      '{{.name}}-key': '{{.nameNormalized | upper}}',
    };
    expect(await labelsOf(setOf([selected], { template: withLabels(labels) }))).toEqual([
      { env: 'dev', tier: 'gold', 'a-key': 'A' },
      { env: 'prod', tier: '', 'b-key': 'B' },
    ]);
  });

  test('keeps the types of list elements and of files, numbers as Go prints them', async () => {
    const list = { list: { elements: [{ name: 'x', up: true, ports: [80, 443] }], elementsYaml: '- {name: z, up: no, ports: []}' } };
    expect(
      await labelsOf(setOf([list], { template: withLabels({ on: '{{if .up}}yes{{else}}no{{end}}', ports: '{{join "-" .ports}}' }) })),
    ).toEqual([
      { on: 'yes', ports: '80-443' },
      { on: 'no', ports: '' },
    ]);
    const git = { git: { repoURL: 'r', files: [{ path: 'apps/*/config.yaml' }], values: { more: '{{.path.basename}}' } } };
    const labels = {
      n: '{{.replicas}}',
      path: '{{.path.path}}|{{index .path.segments 1}}|{{.path.filename}}',
      values: '{{.values.more}}{{.values.own}}',
    };
    const named = withLabels(labels, '{{.path.basename}}');
    const spec = { ...template.spec, destination: { name: 'a' } };
    expect(await labelsOf(setOf([git], { template: { ...named, spec } }))).toEqual([
      { n: '1e+06', path: 'apps/one|one|config.yaml', values: 'one<no value>' },
      { n: '2', path: 'apps/two|two|config.yaml', values: 'two<no value>' },
    ]);
  });

  test('fans out over a list of a file by a matrix with elementsYaml', async () => {
    const matrix = {
      matrix: {
        generators: [
          { git: { repoURL: 'r', files: [{ path: 'apps/one/config.yaml' }], pathParamPrefix: 'git' } },
          { list: { elementsYaml: '{{ .environments | toJson }}' } },
        ],
      },
    };
    expect(
      (await expand(setOf([matrix], { template: withLabels({}, '{{.git.path.basename}}-{{.name}}') }))).documents.map(
        ({ metadata }) => metadata.name,
      ),
    ).toEqual(['one-dev', 'one-prod']);
  });

  test('in a matrix the first generator wins and values of the second see both; in a merge the later ones override deeply', async () => {
    const elements = [{ name: 'first', deep: { a: '1', b: '' } }];
    const matrix = {
      matrix: {
        generators: [
          { list: { elements } },
          { clusters: { selector: { matchLabels: { env: 'dev' } }, values: { both: '{{.deep.a}}-{{.server}}' } } },
        ],
      },
    };
    expect(await labelsOf(setOf([matrix], { template: withLabels({ both: '{{.values.both}}', server: '{{.server}}' }) }))).toEqual([
      { both: '1-https://a.example.com', server: 'https://a.example.com' },
    ]);
    const merge = {
      merge: {
        mergeKeys: ['name'],
        generators: [{ list: { elements } }, { list: { elements: [{ name: 'first', deep: { a: '', c: '3' } }] } }],
      },
    };
    expect(await labelsOf(setOf([merge], { template: withLabels({ deep: '{{.deep.a}}|{{.deep.b}}|{{.deep.c}}' }) }))).toEqual([
      { deep: '||3' },
    ]);
  });

  test('selects by flat names, and a matrix does not fill the selector of its second child', async () => {
    const list = {
      list: {
        elements: [
          { name: 'x', deep: { on: true } },
          { name: 'y', deep: { on: false } },
        ],
      },
      selector: { matchLabels: { 'deep.on': 'true' } },
    };
    expect((await expand(setOf([list]))).documents.map(({ metadata }) => metadata.name)).toEqual(['x']);
  });

  test('patches each application with its templatePatch, and keeps project and namespace', async () => {
    const templatePatch = `
metadata: {namespace: elsewhere, finalizers: [own/finalizer], annotations: {a: "{{.name}}"}}
spec:
  project: other
  {{- if eq .metadata.labels.env "dev" }}
  syncPolicy: {automated: {prune: true}}
  {{- end }}
  source: {path: null, chart: c}
`;
    const { documents } = await expand(setOf([selected], { templatePatch }));
    expect(documents[0]).toMatchObject({
      metadata: { namespace: 'argocd', finalizers: ['own/finalizer', 'resources-finalizer.argocd.argoproj.io'], annotations: { a: 'a' } },
      spec: { project: 'default', syncPolicy: { automated: { prune: true } }, source: { repoURL: 'https://g/r', chart: 'c' } },
    });
    expect(documents[0]!.spec).not.toHaveProperty('source.path');
    expect(documents[1]!.spec).not.toHaveProperty('syncPolicy');
    const [same] = (await expand(setOf([selected], { templatePatch: '{{if false}}x{{end}}' }))).documents;
    expect(same).toEqual((await expand(setOf([selected]))).documents[0]);
  });

  test('takes the directives of a strategic merge patch: keys to keep, members of a list to delete, a map to replace', async () => {
    const own = { ...template, metadata: { ...template.metadata, finalizers: ['a/one', 'b/two'], labels: { one: '1', two: '2' } } };
    const patched = async (templatePatch: string) =>
      (await expand(setOf([selected], { template: own, templatePatch }))).documents[0]!.metadata;
    expect((await patched('metadata: {$deleteFromPrimitiveList/finalizers: [a/one]}')).finalizers).toEqual(['b/two']);
    expect((await patched('metadata: {labels: {$retainKeys: [two, z], z: "3"}}')).labels).toEqual({ two: '2', z: '3' });
    expect((await patched('metadata: {labels: {$patch: replace, z: "3"}}')).labels).toEqual({ z: '3' });
    await expect(patched('metadata: {labels: {$retainKeys: two}}')).rejects.toThrow('metadata.labels: $retainKeys must be a list of texts');
  });

  test('bounds the values of a patch, and those of all patches of a set together', async () => {
    const bombs = (values: number) =>
      `metadata: {annotations: {a: "x"}}\nspec: {info: &i [${'1,'.repeat(values / 10)}], more: [${'*i,'.repeat(9)}]}`;
    await expect(expand(setOf([selected], { templatePatch: bombs(40_000) }))).rejects.toThrow('more than 20000 values');
    const elements = Array.from({ length: 200 }, (_, i) => ({
      name: `n${i}`,
      nameNormalized: `n${i}`,
      server: 's',
      metadata: { labels: { env: 'a' } },
    }));
    const many = expand(setOf([{ list: { elements } }], { templatePatch: bombs(15_000) }));
    await expect(many).rejects.toThrow('the templates of the set take more than');
  });

  test('holds an application whose place has a parameter that is not there, and names field and cluster', async () => {
    const spec = { ...template.spec, destination: { name: '{{.metadata.labels.nope}}' } };
    const { documents, held } = await expand(setOf([selected], { template: { ...template, spec } }));
    expect(documents).toEqual([]);
    expect(held[0]).toMatchObject({
      name: 'a',
      reason: 'unresolved',
      message: expect.stringContaining('spec.destination.name has `<no value>`'),
    });
  });

  test('fails as a whole, naming field and input, when a template cannot be read or run, and changes nothing', async () => {
    const fails = (spec: Partial<ApplicationSet['spec']>) => expect(expand(setOf([selected], spec))).rejects;
    await fails({ template: withLabels({ x: '{{.a' }) }).toMatchObject({
      code: 'template-render',
      message: expect.stringContaining('spec.template'),
    });
    await fails({ template: withLabels({ x: '{{fail "no"}}' }) }).toThrow('parameters of a');
    await fails({ goTemplateOptions: ['missingkey=error'], template: withLabels({ x: '{{.nope}}' }) }).toThrow('nope');
    await fails({ template: withLabels({}, '{{.nope}}') }).toThrow('metadata.name is "<no value>"');
    await fails({ templatePatch: '- a' }).toThrow('must give a map');
    await fails({ templatePatch: 'spec: {$setElementOrder/x: []}' }).toThrow('directive');
    await fails({ template: withLabels({ x: '{{range until 100000}}{{range until 100000}}x{{end}}{{end}}' }) }).toThrow('steps');
  });

  test('is linted without inputs', () => {
    expect(lintSet(setOf([selected]))).toEqual([]);
    expect(lintSet(setOf([selected], { template: withLabels({ x: '{{nope}}' }) }))).toEqual([expect.stringContaining('nope')]);
    expect(faultOfGoOptions(['missingkey=error'])).toBeUndefined();
    expect(faultOfGoOptions(['missingkey=fail'])).toContain('"missingkey=fail"');
  });
});
