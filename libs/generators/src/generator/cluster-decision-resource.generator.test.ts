import { matchesSelector } from '@flotilla/selector';
import { expect, test } from 'vitest';
import { GoMode } from '../go/go-mode.js';
import { mergedParams } from '../params/params.js';
import { clusterEntry, memoryPorts } from '../testing-ports.fake.js';
import type { DecisionResource, GeneratorPorts } from './generator.js';
import { runEntry } from './run-entry.js';
import { setInputs } from './set-inputs.js';
import { plainMode, type TemplateMode } from './template-mode.js';

const OCM = {
  apiVersion: 'cluster.open-cluster-management.io/v1beta1',
  kind: 'placementdecisions',
  statusListKey: 'decisions',
  matchKey: 'clusterName',
};
const decision = (clusterName: string, rest: object = {}) => ({ clusterName, ...rest });

function portsWith(
  resources: (DecisionResource & { labels?: Record<string, string> })[],
  { data = OCM as Record<string, string>, ...rest }: Partial<GeneratorPorts> & { data?: Record<string, string> } = {},
): GeneratorPorts {
  return {
    ...memoryPorts({ clusters: [clusterEntry('b'), clusterEntry('a'), clusterEntry('c')] }),
    decisions: {
      configMap: async () => data,
      resources: async (_kind, by) =>
        resources.filter(({ name, labels }) => ('name' in by ? name === by.name : matchesSelector(by.labels, labels))),
    },
    ...rest,
  };
}

async function run(spec: object, ports: GeneratorPorts, mode: TemplateMode = plainMode) {
  const warnings: string[] = [];
  const entry = 'matrix' in spec ? spec : { clusterDecisionResource: { configMapRef: 'ocm', ...spec } };
  const results = await runEntry(entry, 0, ports, { warn: (warning) => warnings.push(warning), mode });
  const sets = results.flatMap((result) => result.sets);
  return { params: sets.map(mergedParams), origins: sets.map(({ origins }) => origins), warnings };
}

test('gives a set per decided cluster in the order of the list, its fields as texts and its values as written', async () => {
  const status = { decisions: [decision('c', { score: 9007199254740991, reason: 'near' }), decision('in-cluster'), decision('a')] };
  const { params, origins, warnings } = await run({ name: 'web', values: { as: '{{name}}' } }, portsWith([{ name: 'web', status }]));
  expect(params).toEqual([
    { name: 'c', server: 'https://c.example.com', clusterName: 'c', score: '9007199254740991', reason: 'near', 'values.as': '{{name}}' },
    { name: 'in-cluster', server: 'https://kubernetes.default.svc', clusterName: 'in-cluster', 'values.as': '{{name}}' },
    { name: 'a', server: 'https://a.example.com', clusterName: 'a', 'values.as': '{{name}}' },
  ]);
  expect(origins[0]).toEqual([{ generator: 'generators[0].clusterDecisionResource', element: 0, cluster: 'c' }]);
  expect(warnings).toEqual([]);
});

test('keeps whole numbers whole for Go templates, and joins the documents that labels select', async () => {
  const web = { app: 'web' };
  const resources = [
    { name: 'one', labels: web, status: { decisions: [decision('a', { score: 3 })] } },
    { name: 'other', labels: {}, status: { decisions: [decision('b')] } },
    { name: 'two', labels: web, status: { decisions: [] } },
  ];
  const spec = { labelSelector: { matchLabels: web }, values: { tier: 'gold' } };
  expect((await run(spec, portsWith(resources), new GoMode())).params).toEqual([
    { name: 'a', server: 'https://a.example.com', clusterName: 'a', score: 3n, values: { tier: 'gold' } },
  ]);
});

test('names decided clusters nobody knows, and an empty list is an answer', async () => {
  const ports = portsWith([
    { name: 'web', status: { decisions: [decision('x'), decision('a')] } },
    { name: 'none', status: { decisions: [] } },
  ]);
  const { params, warnings } = await run({ name: 'web' }, ports);
  expect(params.map(({ name }) => name)).toEqual(['a']);
  expect(warnings).toEqual(['generators[0].clusterDecisionResource: x is decided for and is not a known cluster']);
  expect((await run({ name: 'none' }, ports)).params).toEqual([]);
});

test.each([
  ['no document', { name: 'nope' }, {}, 'no placementdecisions of cluster.open-cluster-management.io/v1beta1 is named nope'],
  ['no status', { name: 'new' }, {}, 'status.decisions of placementdecisions new is not there yet'],
  ['no list', { name: 'text' }, {}, 'status.decisions of placementdecisions text is no list'],
  [
    'an entry without the cluster',
    { name: 'odd' },
    {},
    'status.decisions of placementdecisions odd: entry 1 does not name a cluster in clusterName',
  ],
  ['neither name nor labels', {}, {}, 'exactly one of `name` and `labelSelector`'],
  ['both', { name: 'web', labelSelector: { matchLabels: {} } }, {}, 'exactly one of'],
  ['a ConfigMap without matchKey', { name: 'odd' }, { ...OCM, matchKey: '' }, 'data.matchKey of ConfigMap ocm'],
  ['a ConfigMap without group', { name: 'odd' }, { ...OCM, apiVersion: 'v1' }, 'data.apiVersion of ConfigMap ocm must be GROUP/VERSION'],
  ['a ConfigMap without kind', { name: 'odd' }, { apiVersion: OCM.apiVersion }, 'data.kind of ConfigMap ocm'],
])('is an error with %s, never "no clusters"', async (_what, spec, data, message) => {
  const ports = portsWith(
    [
      { name: 'new' },
      { name: 'text', status: { decisions: 'a' } },
      { name: 'odd', status: { decisions: [decision('a'), { constructor: 'a' }] } },
    ],
    Object.keys(data).length > 0 ? { data } : {},
  );
  await expect(run(spec, ports)).rejects.toMatchObject({ code: 'generator-invalid', message: expect.stringContaining(message) });
});

test('where no document can be read that is an error, and what the port refuses is one too', async () => {
  await expect(run({ name: 'web' }, memoryPorts({}))).rejects.toMatchObject({ code: 'generator-invalid' });
  const decisions = { configMap: async () => OCM, resources: () => Promise.reject(new Error('not kept here')) };
  await expect(run({ name: 'web' }, portsWith([], { decisions }))).rejects.toMatchObject({ code: 'generator-input' });
});

test('as second child of a matrix it is named by the first one’s parameters, in both template modes', async () => {
  const ports = portsWith([{ name: 'web', status: { decisions: [decision('a')] } }]);
  const matrix = (name: string, as: string) => ({
    matrix: {
      generators: [{ list: { elements: [{ app: 'web' }] } }, { clusterDecisionResource: { configMapRef: 'ocm', name, values: { as } } }],
    },
  });
  expect((await run(matrix('{{app}}', '{{app}}'), ports)).params).toEqual([
    { app: 'web', name: 'a', server: 'https://a.example.com', clusterName: 'a', 'values.as': 'web' },
  ]);
  expect((await run(matrix('{{.app}}', '{{.app}}'), ports, new GoMode())).params[0]).toMatchObject({ app: 'web', values: { as: 'web' } });
});

test('is asked again after three minutes, and woken by any cluster', () => {
  const inputs = (rest: object) => setInputs({ generators: [{ clusterDecisionResource: { configMapRef: 'ocm', name: 'web', ...rest } }] });
  expect(inputs({}).requeueMs).toBe(180_000);
  expect(inputs({ requeueAfterSeconds: 60 }).requeueMs).toBe(60_000);
  expect(inputs({}).clusterSelectors).toEqual([[]]);
});
