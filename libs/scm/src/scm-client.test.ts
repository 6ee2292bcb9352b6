import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { AddressDeniedError, AddressPolicy } from '@flotilla/http';
import { createAuthority, issueServerCertificate } from '@flotilla/tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ScmClient } from './scm-client.js';
import { FakeHost } from './testing/fake-host.js';
import { repository } from './testing/fake-world.js';
import { githubHost } from './testing/github-host.fake.js';
import { ORGANIZATION, REF, scmClient, secretsFor } from './testing/provider-stage.js';

let host: FakeHost;
beforeEach(async () => {
  const repositories = Array.from({ length: 40 }, (_, i) => repository(i + 1, `app-${i}`));
  host = await FakeHost.start(githubHost, { organization: ORGANIZATION, repositories });
});
afterEach(() => host.stop());

const spec = (more: Record<string, unknown> = {}) => ({ github: { organization: ORGANIZATION, api: host.origin, tokenRef: REF, ...more } });

test('a secret is asked for with the origin it would be sent to', async () => {
  const call = scmClient().selectRepositories(spec(), { secrets: secretsFor('https://github.example') });
  await expect(call).rejects.toThrow(`the secret is for https://github.example, not for ${host.origin}`);
  expect(host.requests).toEqual([]);
});

test('without a token none is sent', async () => {
  const call = scmClient().selectRepositories(spec({ tokenRef: null }), { secrets: secretsFor(host.origin) });
  await expect(call).rejects.toMatchObject({ code: 'scm-unauthorized' });
  expect(host.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
});

test.each(['', ' \n', 'two words here', 'line\r\nx-injected: 1', 'é'])('a secret that is no token is refused: %j', async (token) => {
  const call = scmClient().selectRepositories(spec(), { secrets: secretsFor(host.origin, token) });
  const error = await call.catch((caught: Error) => caught);
  expect(error).toMatchObject({ code: 'scm-spec', message: expect.stringContaining('key token of Secret scm') });
  if (token.trim()) expect((error as Error).message).not.toContain(token);
  expect(host.requests).toEqual([]);
});

test.each(['ftp://x', 'https://user:pass@x', 'https://x/?a=b', 'nothing'])('%s is no address of an API', async (api) => {
  const call = scmClient().selectRepositories(spec({ api }), { secrets: secretsFor('') });
  await expect(call).rejects.toMatchObject({ code: 'scm-spec', details: { field: 'api' } });
});

test('addresses that calls may not reach are refused', async () => {
  const client = new ScmClient({ addresses: new AddressPolicy() });
  await expect(client.selectRepositories(spec(), { secrets: secretsFor(host.origin) })).rejects.toBeInstanceOf(AddressDeniedError);
});

test('one token never gets the cached answers of another', async () => {
  const client = scmClient();
  await client.selectRepositories(spec(), { secrets: secretsFor(host.origin) });
  await expect(client.selectRepositories(spec(), { secrets: secretsFor(host.origin, 'other') })).rejects.toMatchObject({
    code: 'scm-unauthorized',
  });
});

test("a wait that a host asks of one token is not another token's", async () => {
  const client = scmClient();
  host.intercept = ({ authorization }, next) => (authorization === 'Bearer greedy' ? githubHost.rateLimited(60) : next());
  await expect(client.selectRepositories(spec(), { secrets: secretsFor(host.origin, 'greedy') })).rejects.toMatchObject({
    code: 'scm-rate-limited',
  });
  expect(await client.selectRepositories(spec(), { secrets: secretsFor(host.origin) })).toHaveLength(40);
});

test('calls under way at once are bounded over all listings', async () => {
  let running = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  host.onArrival = async (path) => {
    if (!path.includes('/branches/')) return;
    most = Math.max(most, ++running);
    // The first three wait for each other, then all let further ones come in if they would.
    if (most < 3) await new Promise<void>((resolve) => waiting.push(resolve));
    else for (const go of waiting.splice(0)) go();
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    running--;
  };
  const client = scmClient(undefined, { concurrency: 3 });
  await Promise.all([1, 2, 3].map(() => client.selectRepositories(spec(), { secrets: secretsFor(host.origin) })));
  expect(most).toBe(3);
});

test('a listing is given up with its signal', async () => {
  const abort = new AbortController();
  host.intercept = () => {
    abort.abort(new Error('the service stops'));
    return 'hang';
  };
  const call = scmClient().selectRepositories(spec(), { secrets: secretsFor(host.origin), signal: abort.signal });
  await expect(call).rejects.toMatchObject({ code: 'scm-unavailable' });
});

test('a listing that fails gives up its other calls', async () => {
  host.intercept = ({ url }, next) => {
    if (url.pathname.includes('/app-1/')) return 'hang';
    return url.pathname.includes('/app-5/') ? { status: 502, body: {} } : next();
  };
  const call = scmClient(undefined, { timeoutMs: 600_000 }).selectRepositories(spec(), { secrets: secretsFor(host.origin) });
  await expect(call).rejects.toMatchObject({ code: 'scm-unavailable', details: { status: 502 } });
  expect(host.hung).toHaveLength(1);
  await Promise.all(host.hung);
});

test('a listing has its own time besides that of each call', async () => {
  host.intercept = () => 'hang';
  const call = scmClient(undefined, { listingTimeoutMs: 50 }).selectRepositories(spec(), { secrets: secretsFor(host.origin) });
  await expect(call).rejects.toMatchObject({ code: 'scm-unavailable' });
});

test('a lister gives repositories, branches and paths one by one', async () => {
  const lister = await scmClient().openRepositories(spec(), { secrets: secretsFor(host.origin) });
  for await (const found of lister.list({ cloneProtocol: 'https' })) {
    const [branch] = await lister.branches(found);
    expect([lister.allBranches, found.url, branch?.name]).toEqual([false, 'https://github.example/acme/app-0.git', 'main']);
    expect([await lister.hasPath(found, branch!, 'README.md'), await lister.hasPath(found, branch!, 'none')]).toEqual([true, false]);
    break;
  }
});

test('a host with a certificate of its own is trusted by caRef alone', async () => {
  const authority = await createAuthority('git hosts', Date.now());
  const { certificate, key } = await issueServerCertificate(authority, ['127.0.0.1'], Date.now());
  const server = createServer({ cert: certificate, key }, (_request, response) => response.end('[]'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gitlab = { group: ORGANIZATION, api: origin, tokenRef: REF };
  const secrets = { ...secretsFor(origin), certificates: async () => authority.certificate };
  const caRef = { configMapName: 'ca', key: 'ca.crt' };
  expect(await scmClient().selectRepositories({ gitlab: { ...gitlab, caRef } }, { secrets })).toEqual([]);
  await expect(scmClient().selectRepositories({ gitlab }, { secrets })).rejects.toMatchObject({ code: 'scm-unavailable' });
  server.closeAllConnections();
  server.close();
});
