import { afterEach, expect, test } from 'vitest';
import { AZURE_PROJECT, azureDevOpsHost } from '../testing/azure-devops-host.fake.js';
import { pull, repository } from '../testing/fake-world.js';
import { describeProvider } from '../testing/provider.contract.js';
import { ORGANIZATION, ProviderStage, type ProviderUnderTest, REF } from '../testing/provider-stage.js';

const place = { organization: ORGANIZATION };
const url = 'https://acme@dev.azure.example/acme/_git/app';
const azureDevOps: ProviderUnderTest = {
  dialect: azureDevOpsHost,
  scmProvider: (origin, more) => ({ azureDevOps: { ...place, teamProject: AZURE_PROJECT, api: origin, accessTokenRef: REF, ...more } }),
  pullRequest: (origin, repo, more) => ({ azuredevops: { ...place, project: AZURE_PROJECT, repo, api: origin, tokenRef: REF, ...more } }),
  followsLinks: false,
  pagesRepositories: false,
  labels: false,
  cloneUrls: { none: url, ssh: url, https: url },
  pullUrls: (origin) => [`${origin}/acme/team%20one/_git/app`],
};
describeProvider('Azure DevOps', azureDevOps);

const stage = new ProviderStage(azureDevOps);
afterEach(() => stage.stop());

test('pull requests of Azure DevOps need every wanted label', async () => {
  const host = await stage.start([repository(1, 'app', { pulls: [pull(1, { labels: ['preview'] }), pull(2)] })]);
  const found = await stage.pulls(host, {}, { labels: ['preview'] });
  expect(found.map(({ number, labels }) => [number, labels])).toEqual([[1, ['preview']]]);
});

test('the default branch of Azure DevOps is not taken for one whose name begins with it', async () => {
  const branches = { 'main-old': { sha: 'a'.repeat(40), paths: [] }, main: { sha: 'b'.repeat(40), paths: [] } };
  const host = await stage.start([repository(1, 'app', { branches })]);
  expect((await stage.branches(host)).map(({ sha }) => sha)).toEqual(['b'.repeat(40)]);
});

test('repositories of Azure DevOps that are switched off have no branch', async () => {
  const host = await stage.start([repository(1, 'off', { archived: true }), repository(2, 'on')]);
  expect((await stage.branches(host)).map((selected) => selected.repository)).toEqual(['on']);
});
