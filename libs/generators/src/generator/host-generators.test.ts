import { expect, test } from 'vitest';
import { GoMode } from '../go/go-mode.js';
import { mergedParams } from '../params/params.js';
import { memoryPorts } from '../testing-ports.fake.js';
import type { HostPorts } from './generator.js';
import { runEntry } from './run-entry.js';
import { setInputs } from './set-inputs.js';
import { plainMode, type TemplateMode } from './template-mode.js';

const asked: unknown[] = [];
const hosts: HostPorts = {
  repositories: async (spec) => {
    asked.push(spec);
    return [{ organization: 'o', repository: 'r', repository_id: 9007199254740993n, branch: 'main' }];
  },
  pullRequests: async (spec, { goTemplate }) => {
    asked.push(spec);
    const params = { number: '7', branch: 'feature', ...(goTemplate ? { labels: ['a', 'b'] } : {}) };
    return [{ params, repositoryUrls: ['https://git.example.com/team/a.git'] }];
  },
  plugin: async (configMap, parameters) => {
    asked.push({ configMap, parameters });
    return [{ key: { nested: 1 } }];
  },
};

async function run(entry: unknown, mode: TemplateMode = plainMode) {
  const warnings: string[] = [];
  asked.length = 0;
  const results = await runEntry(entry, 0, { ...memoryPorts({}), hosts }, { warn: (warning) => warnings.push(warning), mode });
  return { params: results.flatMap(({ sets }) => sets).map(mergedParams), warnings };
}

test('scmProvider gives a set per branch, ids with every digit, values that see it; the host gets its own fields alone', async () => {
  const scmProvider = { github: { organization: 'o' }, filters: [], values: { full: '{{organization}}/{{repository}}' }, template: {} };
  expect((await run({ scmProvider })).params).toEqual([
    { organization: 'o', repository: 'r', repository_id: '9007199254740993', branch: 'main', 'values.full': 'o/r' },
  ]);
  expect(asked).toEqual([{ github: { organization: 'o' }, filters: [] }]);
});

test('pullRequest gives a set per request, with labels for Go templates', async () => {
  const entry = { pullRequest: { gitlab: { project: '1' }, values: { n: '{{.number}}-{{index .labels 1}}' } } };
  expect((await run(entry, new GoMode())).params).toEqual([{ number: '7', branch: 'feature', labels: ['a', 'b'], values: { n: '7-b' } }]);
  expect((await run({ pullRequest: { gitlab: { project: '1' } } })).params).toEqual([{ number: '7', branch: 'feature' }]);
});

/** Runs one generator as a project that may read what is below one address, and nothing of a team's secrets. */
async function runAsTeam(entry: object, own: Partial<HostPorts>) {
  const isOwn = (url: string): boolean => url.startsWith('https://git.example.com/team/');
  const scope = {
    project: 'team',
    refuseCluster: () => undefined,
    refuseRepository: (url: string, aliases: readonly string[] = []) =>
      [url, ...aliases].some(isOwn) && ![url, ...aliases].some((address) => address.endsWith('secrets')) ? undefined : 'not permitted',
  };
  const warnings: string[] = [];
  const ports = { ...memoryPorts({}), scope, hosts: { ...hosts, ...own } };
  const [result] = await runEntry(entry, 0, ports, { warn: (text) => warnings.push(text), mode: plainMode });
  return { params: result!.sets.map(mergedParams), warnings };
}

test('scmProvider gives a project the repositories it permits, whichever protocol they are cloned by', async () => {
  const permitted = [
    'git@git.example.com:team/a.git',
    'ssh://git@git.example.com:2222/team/b.git',
    'https://ada@git.example.com/team/c.git',
  ];
  const urls = [...permitted, 'https://git.example.com/other/c.git', 'git@git.example.com:team/secrets'];
  const { params, warnings } = await runAsTeam({ scmProvider: { github: {} } }, { repositories: async () => urls.map((url) => ({ url })) });
  expect(params.map(({ url }) => url)).toEqual(permitted);
  expect(warnings).toEqual([
    'generators[0].scmProvider: 2 of 5 answers are of repositories that AppProject team does not permit and left out',
  ]);
});

test('pullRequest gives a project the requests of repositories it permits, and no address of one as a parameter', async () => {
  const request = (number: string, ...repositoryUrls: string[]) => ({ params: { number }, repositoryUrls });
  const { params, warnings } = await runAsTeam(
    { pullRequest: { github: {} } },
    {
      pullRequests: async () => [
        request('1', 'https://git.example.com/team/a.git'),
        request('2', 'https://git.example.com/other/a.git', 'git@git.example.com:other/a.git'),
        request('3', 'git@git.example.com:team/a.git'),
        request('4'),
      ],
    },
  );
  expect(params).toEqual([{ number: '1' }, { number: '3' }]);
  expect(warnings).toEqual([
    'generators[0].pullRequest: 2 of 4 answers are of repositories that AppProject team does not permit and left out',
  ]);
});

test('plugin is asked for a project as it is: its answer names no repository, and its applications are checked', async () => {
  const { params, warnings } = await runAsTeam({ plugin: { configMapRef: { name: 'my-plugin' } } }, {});
  expect([params.length, warnings]).toEqual([1, []]);
});

test('plugin gives what the plugin answers, and what it was asked', async () => {
  const plugin = { configMapRef: { name: 'my-plugin' }, input: { parameters: { env: 'dev', count: 2 } } };
  expect((await run({ plugin })).params).toEqual([
    { 'key.nested': '1', 'generator.input.parameters.env': 'dev', 'generator.input.parameters.count': '2' },
  ]);
  expect((await run({ plugin }, new GoMode())).params).toEqual([
    { key: { nested: 1 }, generator: { input: { parameters: { env: 'dev', count: 2 } } } },
  ]);
  expect(asked).toEqual([{ configMap: 'my-plugin', parameters: { env: 'dev', count: 2 } }]);
});

test('a second child of a matrix asks with the first one’s parameters filled in', async () => {
  const matrix = { generators: [{ list: { elements: [{ team: 'blue' }] } }, { scmProvider: { github: { organization: '{{team}}' } } }] };
  await run({ matrix });
  expect(asked).toEqual([{ github: { organization: 'blue' } }]);
});

test('where no server can be asked that is an error, never an empty list', async () => {
  const asking = runEntry({ scmProvider: { github: {} } }, 0, memoryPorts({}), { warn: () => undefined, mode: plainMode });
  await expect(asking).rejects.toMatchObject({
    code: 'generator-invalid',
    message: expect.stringContaining('none can be asked from here'),
  });
});

test('they are asked again after the soonest time of a set, and never every moment', () => {
  const scmProvider = { github: {} };
  const matrix = (seconds?: number) => ({
    matrix: { generators: [{ list: { elements: [] } }, { pullRequest: { requeueAfterSeconds: seconds, gitlab: {} } }] },
  });
  expect(setInputs({ generators: [{ clusters: {} }] }).requeueMs).toBeUndefined();
  expect(setInputs({ generators: [{ scmProvider }] }).requeueMs).toBe(1_800_000);
  expect(setInputs({ generators: [{ scmProvider }, matrix(60)] }).requeueMs).toBe(60_000);
  expect(setInputs({ generators: [matrix(1)] }).requeueMs).toBe(30_000);
});
