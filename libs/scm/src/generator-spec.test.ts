import { expect, test } from 'vitest';
import { readPullRequest, readScmProvider } from './generator-spec.js';
import { SCM_PROVIDERS } from './providers/registry.js';

const github = { organization: 'acme', tokenRef: { secretName: 's', key: 'k' } };

test('fields that are not the host are checked and left to whom they belong', () => {
  const spec = readScmProvider({
    github,
    filters: [{ branchMatch: 'x' }],
    cloneProtocol: 'https',
    requeueAfterSeconds: 5,
    values: { a: 'b' },
    template: {},
  });
  expect(spec).toMatchObject({ source: { key: 'github' }, host: github, filters: [{ branchMatch: 'x' }], cloneProtocol: 'https' });
});

test('null is as good as nothing', () => {
  const spec = readScmProvider({ github: { ...github, tokenRef: null }, gitlab: null, filters: null });
  expect(spec.host).toEqual({ organization: 'acme' });
});

test.each<[string, unknown, RegExp]>([
  ['no host', { filters: [] }, /names no Git host; name one of github, gitlab/],
  ['two hosts', { github, gitea: { owner: 'a', api: 'https://x' } }, /more than one Git host/],
  ['an unknown host', { gitbub: github }, /scmProvider\.gitbub is not a field.*did you mean github/],
  ['an unsupported host', { awsCodeCommit: {} }, /scmProvider\.awsCodeCommit is a Git host that is not supported/],
  ['an unknown field of a host', { github: { ...github, allBranchs: true } }, /scmProvider\.github: .*allBranchs/],
  ['an unknown filter', { github, filters: [{ createdWithin: '1h' }] }, /scmProvider\.filters\.0: .*createdWithin/],
  ['a missing field', { github: {} }, /scmProvider\.github\.organization/],
  ['another protocol', { github, cloneProtocol: 'git' }, /scmProvider\.cloneProtocol/],
  ['a text', 'github', /scmProvider: /],
])('%s is refused', (_, value, message) => {
  expect(() => readScmProvider(value)).toThrow(message);
});

test('pull requests of Azure DevOps have their own key', () => {
  const azuredevops = { organization: 'acme', project: 'p', repo: 'r' };
  expect(readPullRequest({ azuredevops }).source.key).toBe('azuredevops');
  expect(() => readPullRequest({ azureDevOps: azuredevops })).toThrow(/did you mean azuredevops/);
});

test('every host is there once for each generator', () => {
  expect(new Set(SCM_PROVIDERS.map(({ repositories }) => repositories.key)).size).toBe(SCM_PROVIDERS.length);
  expect(new Set(SCM_PROVIDERS.map(({ pullRequests }) => pullRequests.key)).size).toBe(SCM_PROVIDERS.length);
});
