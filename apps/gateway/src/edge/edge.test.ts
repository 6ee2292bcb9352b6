import { createHmac } from 'node:crypto';
import { pushedReplySchema, pushedRequestSchema } from '@flotilla/contracts';
import { connectService } from '@flotilla/platform';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GatewayUnderTest, type HttpAnswer, startGateway, WEBHOOK_SECRET } from '../testing/gateway-under-test.js';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<HttpAnswer> =>
  gateway.http(path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

describe('the door', () => {
  test('lets nobody in without a token', async () => {
    for (const path of ['/', '/api', '/apis', '/openapi/v3', '/version', '/v1/applications', '/metrics', '/api/v1/secrets', '/nowhere']) {
      const { status } = await gateway.http(path, { isAnonymous: true });
      expect([path, status]).toEqual([path, 401]);
    }
    for (const authorization of ['Bearer ', 'Bearer flo1.x.y', `Basic ${gateway.token}`, `Bearer ${gateway.token}x`])
      expect((await gateway.http('/version', { isAnonymous: true, headers: { authorization } })).status).toBe(401);
    expect(await gateway.http('/readyz', { isAnonymous: true })).toMatchObject({
      status: 200,
      text: expect.stringContaining('"nats":true'),
    });
    expect((await gateway.http('/healthz', { isAnonymous: true })).status).toBe(200);
    expect((await gateway.http('/metrics')).text).toBe('up 1\n');
  });

  test('is never less strict for another spelling of a path or another method', async () => {
    const paths = [
      '/v1/applications',
      '/api/v1/namespaces/argocd/secrets',
      '/apis/argoproj.io/v1alpha1/applications',
      '/v1/login',
      '/readyz',
      '/api/webhook',
    ];
    const spell: ((path: string) => string)[] = [
      (path) => path.replace('/', '//'),
      (path) => `${path}/`,
      (path) => `${path}//`,
      (path) => path.toUpperCase(),
      (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
      (path) => `/readyz/..${path}`,
      (path) => `/v1/login/%2e%2e/..${path}`,
      (path) => `${path};/readyz`,
      (path) => `${path}%3f`,
      (path) => `${path}%00`,
      (path) => `/.${path}`,
      (path) => `/\\${path}`,
      (path) => `https://elsewhere.example${path}`,
    ];
    for (const method of ['GET', 'HEAD', 'PUT']) {
      for (const path of paths) {
        const variants = spell.map((change) => change(path));
        const answers = await Promise.all(variants.map((variant) => gateway.http(variant, { method, isAnonymous: true })));
        expect(variants.filter((_, i) => answers[i]!.status < 400).map((variant) => `${method} ${variant}`)).toEqual([]);
      }
    }
  });

  test('answers a body that is no JSON, too large or of a wrong shape with a code', async () => {
    const bad = await gateway.http('/v1/apply', { method: 'POST', body: '{' });
    expect([bad.status, JSON.parse(bad.text).code]).toEqual([400, 'invalid']);
    const large = await post('/v1/apply', { text: 'x'.repeat(4 * 1024 * 1024) });
    expect(large).toMatchObject({ status: 400, text: expect.stringContaining('larger than') });
    expect(JSON.parse((await post('/v1/apply', {})).text).message).toContain('body.text');
    expect((await gateway.http('/v1/nothing')).status).toBe(404);
    expect((await gateway.http('/v1/apply')).status).toBe(405);
  });
});

describe('the REST verbs', () => {
  test('apply document by document: a bad one stops no other', async () => {
    const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: b}\n`;
    const text = [
      configMap('one'),
      'kind: Application\nmetadata: {name: broken}\nspec: {}\n',
      'kind: Pod\napiVersion: v1\nmetadata: {name: p}\n',
      configMap('two'),
    ].join('---\n');
    const apply = async (more: object = {}) => {
      const { items } = JSON.parse((await post('/v1/apply', { text, ...more })).text) as {
        items: { name: string; action: string; errors: string[] }[];
      };
      return items;
    };
    expect((await apply({ dryRun: true })).map(({ action }) => action)).toEqual(['created', 'refused', 'refused', 'created']);
    const items = await apply();
    expect(items.map(({ name, action }) => `${name} ${action}`)).toEqual(['one created', 'broken refused', 'p refused', 'two created']);
    expect(items[1]!.errors.join('; ')).toMatch(/spec\.source\.repoURL.*spec\.destination/);
    expect(items[2]!.errors.join()).toContain('put it into Git');
    expect((await apply()).map(({ action }) => action)).toEqual(['unchanged', 'refused', 'refused', 'unchanged']);
  });

  test('list in pages that miss nothing', async () => {
    const set = (name: string): string =>
      `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: ${name}, labels: {page: test}}\nspec:\n  project: default\n  source: {repoURL: https://g.example.com/r, path: a}\n  destination: {name: c, namespace: web}\n`;
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `paged-${name}`);
    expect((await post('/v1/apply', { text: names.map(set).join('---\n') })).text).toMatch(/^(?!.*refused)/);
    const seen: string[] = [];
    for (let next = ''; next !== 'end'; ) {
      const query = `limit=2&selector=page%3Dtest${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}`;
      const page = JSON.parse((await gateway.http(`/v1/applications?${query}`)).text) as {
        items: { metadata: { name: string } }[];
        continue?: string;
      };
      seen.push(...page.items.map(({ metadata }) => metadata.name));
      next = page.continue ?? 'end';
    }
    expect(seen).toEqual(names);
    expect((await gateway.http('/v1/applications?selector=a%20b%20c')).status).toBe(400);
  });

  test('keep a repository credential as a sealed Secret', async () => {
    const added = await post('/v1/repositories', { url: 'https://git.example.com/r.git', username: 'ci', password: 'hunter2' });
    expect(added).toMatchObject({ status: 200, text: expect.stringContaining('created') });
    expect(JSON.stringify((await gateway.platform.store.list('Secret')).items)).not.toMatch(/hunter2|aHVudGVyMg/);
    expect((await post('/v1/repositories', { url: 'https://ci:hunter2@git.example.com/r.git' })).status).toBe(400);
  });
});

describe('a push', () => {
  const body = JSON.stringify({ ref: 'refs/heads/main', repository: { clone_url: 'https://git.example.com/r.git' } });
  const send = (headers: Record<string, string>) =>
    gateway.http('/api/webhook', { method: 'POST', isAnonymous: true, body, headers: { 'content-type': 'application/json', ...headers } });
  const signature = `sha256=${createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')}`;
  const signed = { 'x-github-event': 'push', 'x-hub-signature-256': signature };

  test('that is signed is given to the renderer, an unsigned one is refused', async () => {
    const renderer = await connectService(gateway.platform, 'renderer');
    const pushed: unknown[] = [];
    await renderer.serve([{ verb: 'pushed', request: pushedRequestSchema, reply: pushedReplySchema, use: 'pushed' }], {
      pushed: (request: unknown) => ({ sources: pushed.push(request) }),
    });
    try {
      expect((await send({ 'x-github-event': 'push' })).status).toBe(403);
      expect((await send({ ...signed, 'x-hub-signature-256': signature.replace(/.$/, 'g') })).status).toBe(403);
      expect((await send({ 'x-gitlab-event': 'Push Hook' })).status).toBe(403);
      expect(pushed).toEqual([]);
      expect(await send(signed)).toMatchObject({ status: 200, text: expect.stringContaining('thank you') });
      expect(JSON.stringify(pushed)).toContain('https://git.example.com/r.git');
    } finally {
      await renderer.close();
    }
  });

  test('that nobody could take is not acknowledged, so that its sender can send it again', async () => {
    expect(await send(signed)).toMatchObject({ status: 503, text: expect.stringContaining('unavailable') });
  });
});

test('a login answers a token that works, and ten wrong ones close the door for a while', async () => {
  const login = (password: string, username = 'admin') =>
    gateway.http('/v1/login', { method: 'POST', isAnonymous: true, body: JSON.stringify({ username, password }) });
  const { token } = JSON.parse((await login(gateway.password)).text) as { token: string };
  const whoami = await gateway.http('/v1/whoami', { isAnonymous: true, headers: { authorization: `Bearer ${token}` } });
  expect(JSON.parse(whoami.text)).toMatchObject({ name: 'admin' });
  const wrong = await login('wrong');
  expect([wrong.status, wrong.text]).toEqual([401, (await login('wrong', 'nobody')).text]);
  for (let i = 2; i < 10; i += 1) await login('wrong', `user-${i}`);
  expect((await login(gateway.password)).status).toBe(429);
});
