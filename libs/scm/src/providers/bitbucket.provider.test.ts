import { expect, test } from 'vitest';
import { bitbucketHost } from '../testing/bitbucket-host.fake.js';
import { describeProvider } from '../testing/provider.contract.js';
import { ORGANIZATION, REF, scmClient, secretsFor } from '../testing/provider-stage.js';

describeProvider('Bitbucket Cloud', {
  dialect: bitbucketHost,
  scmProvider: (origin, more) => ({
    bitbucket: { owner: ORGANIZATION, user: 'ada', appPasswordRef: REF, api: `${origin}/2.0`, ...more },
  }),
  pullRequest: (origin, repo, more) => ({
    bitbucket: { owner: ORGANIZATION, repo, api: `${origin}/2.0`, basicAuth: { username: 'ada', passwordRef: REF }, ...more },
  }),
  followsLinks: true,
  pagesRepositories: true,
  labels: false,
  cloneUrls: {
    none: 'git@bitbucket.example:acme/app.git',
    ssh: 'git@bitbucket.example:acme/app.git',
    https: 'https://ada@bitbucket.example/acme/app.git',
  },
  pullUrls: () => ['https://bitbucket.example/acme/app', 'git@bitbucket.example:acme/app'],
});

test('a user of Bitbucket without a password is refused', async () => {
  const bitbucket = { owner: ORGANIZATION, user: 'ada' };
  const call = scmClient().selectRepositories({ bitbucket }, { secrets: secretsFor('') });
  await expect(call).rejects.toThrow(/user and appPasswordRef belong together/);
});
