import { afterEach, expect, test } from 'vitest';
import { repositoryParams } from '../params/repository-params.js';
import { pull, repository, shaOf } from '../testing/fake-world.js';
import { giteaHost } from '../testing/gitea-host.fake.js';
import { describeProvider } from '../testing/provider.contract.js';
import { ORGANIZATION, ProviderStage, type ProviderUnderTest, REF } from '../testing/provider-stage.js';

const gitea: ProviderUnderTest = {
  dialect: giteaHost,
  scmProvider: (origin, more) => ({ gitea: { owner: ORGANIZATION, api: origin, tokenRef: REF, ...more } }),
  pullRequest: (origin, repo, more) => ({ gitea: { owner: ORGANIZATION, repo, api: `${origin}/`, tokenRef: REF, ...more } }),
  followsLinks: false,
  pagesRepositories: true,
  labels: true,
  cloneUrls: { none: 'git@gitea.example:acme/app.git', ssh: 'git@gitea.example:acme/app.git', https: 'https://gitea.example/acme/app' },
  pullUrls: () => ['https://gitea.example/acme/app.git', 'git@gitea.example:acme/app.git'],
};
describeProvider('Gitea', gitea);

const stage = new ProviderStage(gitea);
afterEach(() => stage.stop());

test('a branch of Gitea gives the parameters of the generator', async () => {
  const branches = { 'Release/1_0': { sha: shaOf(255), paths: [] } };
  const host = await stage.start([repository(42, 'app', { labels: ['bug', 'gitops'], defaultBranch: 'Release/1_0', branches })]);
  expect((await stage.branches(host)).map(repositoryParams)).toEqual([
    {
      organization: ORGANIZATION,
      repository: 'app',
      repository_id: 42n,
      url: 'git@gitea.example:acme/app.git',
      branch: 'Release/1_0',
      branchNormalized: 'release-1-0',
      sha: shaOf(255),
      short_sha: '00000000',
      short_sha_7: '0000000',
      labels: 'bug,gitops',
    },
  ]);
});

test('pull requests of Gitea need every wanted label', async () => {
  const host = await stage.start([repository(1, 'app', { pulls: [pull(1, { labels: ['preview', 'qa'] }), pull(2, { labels: ['qa'] })] })]);
  expect((await stage.pulls(host, {}, { labels: ['preview', 'qa'] })).map(({ number }) => number)).toEqual([1]);
});
