import { afterEach, expect, test } from 'vitest';
import { pullRequestParams } from '../params/pull-request-params.js';
import { pull, repository, shaOf } from '../testing/fake-world.js';
import { githubHost } from '../testing/github-host.fake.js';
import { describeProvider } from '../testing/provider.contract.js';
import { ORGANIZATION, ProviderStage, type ProviderUnderTest, REF, secretsFor } from '../testing/provider-stage.js';
import { githubProvider } from './github.provider.js';

const github: ProviderUnderTest = {
  dialect: githubHost,
  scmProvider: (origin, more) => ({ github: { organization: ORGANIZATION, api: origin, tokenRef: REF, ...more } }),
  pullRequest: (origin, repo, more) => ({ github: { owner: ORGANIZATION, repo, api: origin, tokenRef: REF, ...more } }),
  followsLinks: true,
  pagesRepositories: true,
  labels: true,
  cloneUrls: {
    none: 'git@github.example:acme/app.git',
    ssh: 'git@github.example:acme/app.git',
    https: 'https://github.example/acme/app.git',
  },
  pullUrls: () => ['https://github.example/acme/app.git', 'git@github.example:acme/app.git'],
};
describeProvider('GitHub', github);

const stage = new ProviderStage(github);
afterEach(() => stage.stop());

test('pull requests of GitHub need every wanted label and none of the unwanted', async () => {
  const pulls = [pull(1, { labels: ['preview', 'qa'] }), pull(2, { labels: ['preview'] }), pull(3, { labels: ['preview', 'qa', 'wip'] })];
  const host = await stage.start([repository(1, 'app', { pulls })]);
  const found = await stage.pulls(host, {}, { labels: ['preview', 'qa'], excludedLabels: ['wip'] });
  expect(found.map((request) => pullRequestParams(request, { goTemplate: true }))).toEqual([
    {
      number: '1',
      title: 'Change 1',
      branch: 'feature/1',
      branch_slug: 'feature-1',
      target_branch: 'main',
      target_branch_slug: 'main',
      head_sha: shaOf(1),
      head_short_sha: '00000000',
      head_short_sha_7: '0000000',
      author: 'ada',
      labels: ['preview', 'qa'],
    },
  ]);
});

test('archived repositories of GitHub are left out when asked', async () => {
  const host = await stage.start([repository(1, 'old', { archived: true }), repository(2, 'new')]);
  const list = async (more: Record<string, unknown>) => (await stage.branches(host, {}, more)).map((selected) => selected.repository);
  expect(await list({})).toEqual(['new', 'old']);
  expect(await list({ excludeArchivedRepos: true })).toEqual(['new']);
});

test('a spent budget of GitHub is a wait until it is refilled', async () => {
  const host = await stage.start([]);
  const reset = String((stage.clock.now() + 600_000) / 1000);
  host.intercept = () => ({ status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }, body: {} });
  await expect(stage.branches(host)).rejects.toMatchObject({ code: 'scm-rate-limited', retryAfterMs: 600_000 });
});

test('a right that is missing is not a wait', async () => {
  const host = await stage.start([]);
  host.intercept = () => ({ status: 403, headers: { 'x-ratelimit-remaining': '4999' }, body: { message: 'Resource not accessible' } });
  await expect(stage.branches(host)).rejects.toMatchObject({ code: 'scm-forbidden', retry: 'never' });
});

test('a GitHub App is named as what is not supported', async () => {
  const spec = { github: { organization: ORGANIZATION, appSecretName: 'app' } };
  await expect(stage.client.selectRepositories(spec, { secrets: secretsFor('') })).rejects.toThrow(
    /appSecretName.*not supported.*tokenRef/,
  );
});

test('an organization or path cannot climb to another call of the API', async () => {
  const host = await stage.start([repository(1, 'app')]);
  await expect(stage.branches(host, {}, { organization: '..' })).rejects.toMatchObject({ code: 'scm-spec' });
  expect(host.requests).toEqual([]);
  await expect(stage.branches(host, { filters: [{ pathsExist: ['../../../user'] }] })).rejects.toMatchObject({ code: 'scm-spec' });
  expect(host.requests.some(({ url }) => url.includes('/user'))).toBe(false);
});

test.each([
  [undefined, 'https://api.github.com/'],
  ['https://ghe.example', 'https://ghe.example/api/v3/'],
  ['https://ghe.example/api/v3/', 'https://ghe.example/api/v3/'],
  ['https://api.ghe.example/', 'https://api.ghe.example/'],
  ['https://corp.api.ghe.example', 'https://corp.api.ghe.example/'],
])('api %s of GitHub is %s', (api, base) => {
  expect(githubProvider.repositories.access({ organization: ORGANIZATION, api }).base).toBe(base);
});

test.each(['ext::sh -c id', '--upload-pack=id', '/etc/passwd', 'git@github.example:acme/a b'])(
  '%s is no address to clone from',
  async (address) => {
    const host = await stage.start([repository(1, 'app')]);
    host.intercept = (_, next) => ({ body: (next().body as object[]).map((repo) => ({ ...repo, ssh_url: address })) });
    await expect(stage.branches(host)).rejects.toMatchObject({ code: 'scm-answer' });
  },
);

test('a repository that was renamed is followed where the host itself leads', async () => {
  const host = await stage.start([repository(1, 'app', { pulls: [pull(1)] })]);
  host.intercept = (request, next) => {
    if (!request.url.pathname.includes('/old/')) return next();
    return { status: 301, headers: { location: request.url.href.replace('/old/', '/app/') }, body: {} };
  };
  expect((await stage.pulls(host, {}, {}, 'old')).map(({ number }) => number)).toEqual([1]);
});
