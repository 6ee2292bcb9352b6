import { afterEach, expect, test } from 'vitest';
import { pull, repository } from '../testing/fake-world.js';
import { gitlabHost } from '../testing/gitlab-host.fake.js';
import { describeProvider } from '../testing/provider.contract.js';
import { ORGANIZATION, ProviderStage, type ProviderUnderTest, REF, secretsFor } from '../testing/provider-stage.js';
import { gitlabProvider } from './gitlab.provider.js';

const gitlab: ProviderUnderTest = {
  dialect: gitlabHost,
  scmProvider: (origin, more) => ({ gitlab: { group: ORGANIZATION, api: origin, tokenRef: REF, ...more } }),
  pullRequest: (origin, repo, more) => ({
    gitlab: { project: `${ORGANIZATION}/${repo}`, api: `${origin}/api/v4/`, tokenRef: REF, ...more },
  }),
  followsLinks: false,
  pagesRepositories: true,
  labels: true,
  cloneUrls: {
    none: 'git@gitlab.example:acme/app.git',
    ssh: 'git@gitlab.example:acme/app.git',
    https: 'https://gitlab.example/acme/app.git',
  },
  pullUrls: () => ['https://gitlab.example/acme/app', 'git@gitlab.example:acme/app'],
};
describeProvider('GitLab', gitlab);

const stage = new ProviderStage(gitlab);
afterEach(() => stage.stop());

test('projects of GitLab subgroups, shared projects and topics are asked for as the document says', async () => {
  const labels = ['gitops'];
  const host = await stage.start([repository(1, 'app', { labels }), repository(2, 'team/web', { labels }), repository(3, 'docs')]);
  const list = async (more: Record<string, unknown>) =>
    (await stage.branches(host, {}, more)).map((selected) => `${selected.organization}/${selected.repository}`);
  expect(await list({})).toEqual(['acme/app', 'acme/docs']);
  expect(await list({ includeSubgroups: true, includeSharedProjects: false, topic: 'gitops' })).toEqual(['acme/app', 'acme/team/web']);
  const asked = host.requests.filter(({ url }) => url.includes('/groups/')).map(({ url }) => new URL(url).searchParams);
  expect(asked.map((query) => [query.get('with_shared'), query.get('include_subgroups')])).toEqual([
    ['true', 'false'],
    ['false', 'true'],
  ]);
});

test('merge requests of GitLab come by state and labels, all states when none is named', async () => {
  const pulls = [pull(1, { labels: ['preview'] }), pull(2, { state: 'closed' }), pull(3, { labels: ['preview', 'wip'] })];
  const host = await stage.start([repository(1, 'app', { pulls })]);
  const numbers = async (more: Record<string, unknown>) => (await stage.pulls(host, {}, more)).map(({ number }) => number);
  expect(await numbers({})).toEqual([1, 2, 3]);
  expect(await numbers({ pullRequestState: 'opened' })).toEqual([1, 3]);
  expect(await numbers({ labels: ['preview'], excludedLabels: ['wip'] })).toEqual([1]);
});

test('a certificate that is not checked is refused before a token is read', async () => {
  const spec = { gitlab: { group: ORGANIZATION, tokenRef: REF, insecure: true } };
  await expect(stage.client.selectRepositories(spec, { secrets: secretsFor('') })).rejects.toThrow(/insecure.*caRef/);
});

test.each([
  [undefined, 'https://gitlab.com/api/v4/'],
  ['https://git.example/gitlab/', 'https://git.example/gitlab/api/v4/'],
  ['https://git.example/api/v4', 'https://git.example/api/v4/'],
])('api %s of GitLab is %s', (api, base) => {
  expect(gitlabProvider.repositories.access({ group: ORGANIZATION, api }).base).toBe(base);
});
