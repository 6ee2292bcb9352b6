import { describe, expect, test } from 'vitest';
import { mergedParams } from '../params/params.js';
import { clusterEntry, memoryPorts } from '../testing-ports.fake.js';
import type { GeneratorPorts } from './generator.js';
import { runEntry } from './run-entry.js';
import { plainMode } from './template-mode.js';

async function run(entry: unknown, ports: GeneratorPorts = memoryPorts({})) {
  const warnings: string[] = [];
  const results = await runEntry(entry, 0, ports, { warn: (warning) => warnings.push(warning), mode: plainMode });
  const sets = results.flatMap((result) => result.sets);
  return { params: sets.map(mergedParams), origins: sets.map(({ origins }) => origins), warnings };
}

describe('the list generator', () => {
  test('gives its elements in order, nested values as dotted names', async () => {
    const { params, warnings } = await run({ list: { elements: [{ env: 'dev', values: { tier: 'a' } }, { env: 'prod' }] } });
    expect(params).toEqual([{ env: 'dev', 'values.tier': 'a' }, { env: 'prod' }]);
    expect(warnings).toEqual([]);
  });

  test('reads numbers, booleans and maps as text and says what strict Argo CD needs', async () => {
    const { params, warnings } = await run({ list: { elements: [{ n: 1000000, on: false, limits: { memory: '1Gi', cpus: [2, 4] } }] } });
    expect(params).toEqual([{ n: '1000000', on: 'false', 'limits.memory': '1Gi', 'limits.cpus.0': '2', 'limits.cpus.1': '4' }]);
    expect(warnings[0]).toContain('n, on, limits are not text');
  });

  test('reads elementsYaml after the written elements, and says which text is no list', async () => {
    const entry = { list: { elements: [{ env: 'a' }], elementsYaml: '- env: b\n- {env: c}\n' } };
    expect((await run(entry)).params.map(({ env }) => env)).toEqual(['a', 'b', 'c']);
    await expect(run({ list: { elementsYaml: 'env: b' } })).rejects.toThrow('generators[0].list.elementsYaml: it must be a list of maps');
    await expect(run({ list: { elementsYaml: '- [' } })).rejects.toThrow('generators[0].list.elementsYaml');
  });

  test('refuses an element that is no map', async () => {
    await expect(run({ list: { elements: ['a'] } })).rejects.toThrow('generators[0].list.elements[0]');
  });
});

describe('the clusters generator', () => {
  const fleet = [
    clusterEntry('prod-us', { env: 'prod' }),
    clusterEntry('Dev_EU', { env: 'dev' }),
    clusterEntry('prod-us', { env: 'prod' }, 'https://a.example.com'),
  ];

  test('sorts by name then server and warns of equal names', async () => {
    const { params, warnings } = await run({ clusters: { selector: { matchLabels: { env: 'prod' } } } }, memoryPorts({ clusters: fleet }));
    expect(params.map(({ server }) => server)).toEqual(['https://a.example.com', 'https://prod-us.example.com']);
    expect(warnings[0]).toContain('2 clusters are named prod-us');
  });

  test('gives name, server, project, labels and values that see them', async () => {
    const entry = {
      clusters: { selector: { matchLabels: { env: 'dev' } }, values: { where: '{{metadata.labels.env}}', other: '{{values.where}}' } },
    };
    const { params, origins } = await run(entry, memoryPorts({ clusters: fleet }));
    expect(params).toEqual([
      {
        name: 'Dev_EU',
        nameNormalized: 'dev-eu',
        server: 'https://Dev_EU.example.com',
        project: '',
        'metadata.labels.env': 'dev',
        'values.where': 'dev',
        'values.other': '{{values.where}}',
      },
    ]);
    expect(origins[0]).toEqual([{ generator: 'generators[0].clusters', cluster: 'Dev_EU' }]);
  });

  test('puts the local cluster last, without a selector and unless somebody registered it', async () => {
    const all = await run({ clusters: {} }, memoryPorts({ clusters: [clusterEntry('zeta')] }));
    expect(all.params.map(({ name }) => name)).toEqual(['zeta', 'in-cluster']);
    const registered = clusterEntry('hub', {}, 'https://kubernetes.default.svc');
    expect((await run({ clusters: {} }, memoryPorts({ clusters: [registered] }))).params.map(({ name }) => name)).toEqual(['hub']);
  });

  test('gives one set with flatList, even when no cluster matches', async () => {
    const entry = { clusters: { flatList: true, selector: { matchLabels: { env: 'none' } } } };
    const { params, warnings } = await run(entry, memoryPorts({ clusters: fleet }));
    expect(params).toEqual([{ clusters: [] }]);
    expect(warnings[0]).toContain('no cluster has env=none (labels seen: dev, prod)');
  });
});

describe('the git generator', () => {
  const tree = memoryPorts({
    files: {
      'apps/web/app.yaml': 'app: {name: web, port: 1000000, live: yes}\nenvs: [{name: a}, {name: b}]\n',
      'apps/api/app.yaml': '- {name: one}\n- {name: two}\n',
      'apps/.hidden/app.yaml': '',
      'apps/old/app.yaml': '',
    },
  });
  const git = (rest: object) => ({ git: { repoURL: 'https://git.example.com/r', revision: 'main', ...rest } });

  test('includes directories in path order, an exclude wins, dot directories stay out', async () => {
    const { params } = await run(git({ directories: [{ path: 'apps/old', exclude: true }, { path: 'apps/*' }] }), tree);
    expect(params).toEqual([
      { path: 'apps/api', 'path.basename': 'api', 'path.basenameNormalized': 'api', 'path[0]': 'apps', 'path[1]': 'api' },
      { path: 'apps/web', 'path.basename': 'web', 'path.basenameNormalized': 'web', 'path[0]': 'apps', 'path[1]': 'web' },
    ]);
  });

  test('flattens files the way Go prints values; a list is one set each, an empty file one with its path', async () => {
    const { params, origins } = await run(git({ files: [{ path: 'apps/*/app.yaml' }], values: { dir: '{{path.basename}}' } }), tree);
    expect(params.map((set) => set['values.dir'])).toEqual(['.hidden', 'api', 'api', 'old', 'web']);
    expect(params[4]).toMatchObject({
      'app.port': '1e+06',
      'app.live': 'true',
      'envs.1.name': 'b',
      path: 'apps/web',
      'path.filename': 'app.yaml',
      'path.filenameNormalized': 'app.yaml',
    });
    expect(origins[2]).toEqual([{ generator: 'generators[0].git', file: 'apps/api/app.yaml', element: 1 }]);
  });

  test('says that a repository is not asked sooner for one set, when a set wants that', async () => {
    const asking = async (requeueAfterSeconds: number) =>
      (await run(git({ directories: [{ path: 'apps/*' }], requeueAfterSeconds }), tree)).warnings;
    expect(await asking(30)).toEqual([expect.stringContaining('generators[0].git.requeueAfterSeconds has no effect')]);
    expect(await asking(180)).toEqual([]);
  });

  test('puts path parameters below a prefix', async () => {
    const { params } = await run(git({ directories: [{ path: 'apps/web' }], pathParamPrefix: 'src' }), tree);
    expect(Object.keys(params[0]!)).toEqual(['src.path', 'src.path.basename', 'src.path.basenameNormalized', 'src.path[0]', 'src.path[1]']);
  });

  test('names the file that cannot be read', async () => {
    const broken = memoryPorts({ files: { 'a.yaml': 'a: [1' } });
    await expect(run(git({ files: [{ path: 'a.yaml' }] }), broken)).rejects.toThrow(/generators\[0\]\.git: a\.yaml:\d+/);
    const scalar = memoryPorts({ files: { 'a.yaml': '- 1' } });
    await expect(run(git({ files: [{ path: 'a.yaml' }] }), scalar)).rejects.toThrow('a.yaml: its element 0 is neither a map');
  });

  test('turns a failing repository into an error, never into "no directories"', async () => {
    const away = { ...tree, directories: () => Promise.reject(new Error('authentication failed')) };
    await expect(run(git({ directories: [{ path: '*' }] }), away)).rejects.toMatchObject({ code: 'generator-input', retry: 'later' });
  });
});

describe('the matrix generator', () => {
  const fleet = memoryPorts({
    clusters: [clusterEntry('b', { env: 'prod' }), clusterEntry('a', { env: 'dev' })],
    files: { 'envs/dev/x': '' },
  });

  test('pairs every set, and the second child may name parameters of the first', async () => {
    const entry = {
      matrix: {
        generators: [{ list: { elements: [{ e: 'dev' }, { e: 'prod' }] } }, { clusters: { selector: { matchLabels: { env: '{{e}}' } } } }],
      },
    };
    const { params } = await run(entry, fleet);
    expect(params.map(({ e, name }) => `${e}/${name}`)).toEqual(['dev/a', 'prod/b']);
  });

  test('refuses a parameter both children set differently', async () => {
    const entry = {
      matrix: { generators: [{ list: { elements: [{ name: 'x', e: '1' }] } }, { list: { elements: [{ name: 'y', e: '1' }] } }] },
    };
    await expect(run(entry)).rejects.toThrow('found duplicate key name with different values, "x" and "y"');
  });

  test('takes exactly two children with one generator each, and one matrix inside', async () => {
    const one = { list: { elements: [{ a: '1' }] } };
    await expect(run({ matrix: { generators: [one] } })).rejects.toThrow('exactly 2 generators');
    await expect(run({ matrix: { generators: [one, { ...one, clusters: {} }] } })).rejects.toThrow('exactly one generator');
    const nested = { matrix: { generators: [{ list: { elements: [{ b: '2' }] } }, { list: { elements: [{ c: '{{b}}' }] } }] } };
    expect((await run({ matrix: { generators: [one, nested] } })).params).toEqual([{ a: '1', b: '2', c: '2' }]);
    await expect(run({ matrix: { generators: [one, { matrix: { generators: [one, nested] } }] } })).rejects.toThrow('not deeper');
  });

  test('fills neither the selector nor the template of its second child, and says that both are without effect', async () => {
    const first = { list: { elements: [{ e: 'prod' }] } };
    const template = { metadata: { name: '{{ unclosed' } };
    const second = { clusters: { template }, selector: { matchLabels: { 'metadata.labels.env': '{{e}}' } } };
    const unfilled = await run({ matrix: { generators: [first, second] } }, fleet);
    expect(unfilled.params).toEqual([]);
    expect(unfilled.warnings).toEqual([
      expect.stringContaining('generators[0].matrix.generators[1].selector has a tag'),
      expect.stringContaining('generators[0].matrix.generators[1].clusters.template counts for nothing'),
      expect.stringContaining('produced 0 combinations'),
    ]);
    const plain = { ...second, selector: { matchLabels: { 'metadata.labels.env': 'prod' } } };
    expect((await run({ matrix: { generators: [first, plain] } }, fleet)).params.map(({ name }) => name)).toEqual(['b']);
  });

  test('says which sets of the first child found no partner', async () => {
    const git = { git: { repoURL: 'r', directories: [{ path: 'envs/*' }] } };
    const entry = { matrix: { generators: [git, { clusters: { selector: { matchLabels: { env: 'x{{path.basename}}' } } } }] } };
    const { params, warnings } = await run(entry, fleet);
    expect(params).toEqual([]);
    expect(warnings.join('\n')).toContain('generators[0].matrix produced 0 combinations');
    expect(warnings.join('\n')).toContain('no cluster has env=xdev (labels seen: dev, prod)');
  });
});

describe('an entry of generators', () => {
  test('reads `cluster` as `clusters` with a warning, also inside a matrix', async () => {
    const ports = memoryPorts({ clusters: [clusterEntry('a')] });
    const { params, warnings } = await run({ cluster: {} }, ports);
    expect(params).toHaveLength(2);
    expect(warnings).toEqual(['generators[0].cluster is not a generator; read as `clusters`']);
    const inside = await run({ matrix: { generators: [{ list: { elements: [{ x: '1' }] } }, { cluster: {} }] } }, ports);
    expect(inside.warnings).toEqual(['generators[0].matrix.generators[1].cluster is not a generator; read as `clusters`']);
  });

  test('with an unknown, empty or missing generator is an error, never "no applications"', async () => {
    await expect(run({ lists: {} })).rejects.toThrow('lists is not a generator; did you mean `list`');
    await expect(run({ constructor: {} })).rejects.toThrow('constructor is not a generator');
    await expect(run(JSON.parse('{"__proto__": {"list": {}}}'))).rejects.toThrow('__proto__ is not a generator');
    await expect(run({ clusters: null })).rejects.toThrow('clusters is empty; write `clusters: {}`');
    await expect(run({})).rejects.toMatchObject({ code: 'generator-unknown' });
    await expect(run({ git: { repoURL: 3 } })).rejects.toThrow('generators[0].git: repoURL');
  });

  test('with two generators runs both, in the order of Argo CD', async () => {
    const ports = memoryPorts({ clusters: [clusterEntry('a', { x: '1' })] });
    const { origins } = await run({ clusters: { selector: { matchLabels: { x: '1' } } }, list: { elements: [{ e: '1' }] } }, ports);
    expect(origins.map(([origin]) => origin?.generator)).toEqual(['generators[0].list', 'generators[0].clusters']);
  });

  test('is filtered by its selector over every text parameter', async () => {
    const elements = [{ url: 'https://a/b' }, { url: 'https://c' }];
    const selector = { matchExpressions: [{ key: 'url', operator: 'NotIn', values: ['https://a/b'] }] };
    expect((await run({ list: { elements }, selector })).params).toEqual([{ url: 'https://c' }]);
  });
});
