import { afterEach, expect, test } from 'vitest';
import { bitbucketServerHost } from '../testing/bitbucket-server-host.fake.js';
import { repository } from '../testing/fake-world.js';
import { describeProvider } from '../testing/provider.contract.js';
import { ORGANIZATION, ProviderStage, type ProviderUnderTest, REF } from '../testing/provider-stage.js';

const bitbucketServer: ProviderUnderTest = {
  dialect: bitbucketServerHost,
  scmProvider: (origin, more) => ({ bitbucketServer: { project: ORGANIZATION, api: origin, bearerToken: { tokenRef: REF }, ...more } }),
  pullRequest: (origin, repo, more) => ({
    bitbucketServer: { project: ORGANIZATION, repo, api: `${origin}/rest/`, bearerToken: { tokenRef: REF }, ...more },
  }),
  followsLinks: false,
  pagesRepositories: true,
  labels: false,
  cloneUrls: {
    none: 'ssh://git@bitbucket.example:7999/acme/app.git',
    ssh: 'ssh://git@bitbucket.example:7999/acme/app.git',
    https: 'https://bitbucket.example/scm/acme/app.git',
  },
  pullUrls: (origin) => [`${origin}/scm/acme/app.git`, 'ssh://git@127.0.0.1:7999/acme/app.git'],
};
describeProvider('Bitbucket Server', bitbucketServer);

const stage = new ProviderStage(bitbucketServer);
afterEach(() => stage.stop());

test('a repository of Bitbucket Server is asked for by its slug and called by its name', async () => {
  const host = await stage.start([repository(1, 'Shop API')]);
  expect((await stage.branches(host)).map((selected) => selected.repository)).toEqual(['Shop API']);
  expect(host.requests.at(-1)?.url).toContain('/repos/shop-api/branches/default');
});
