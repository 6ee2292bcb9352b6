import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeBlobStore } from '@flotilla/blobs/testing';
import { ManualClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { silentLogger } from '@flotilla/telemetry';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createExpander, type Expander } from '../create-expander.js';
import type { StoredSet } from '../sets/stored-set.js';
import { createHosts } from './host-inputs.js';
import { HostSecrets, ORIGIN_ANNOTATION } from './host-secrets.js';

const TOKEN = 'canary-token-7f3a';
const keyring = createKeyring(new Uint8Array(32).fill(3));
const clock = new ManualClock();
let store: FakeResourceStore;
let expander: Expander;
let server: Server;
/** What the plugin heard, and what it answers. */
let heard: { authorization: string | undefined; body: string }[];
let answer: { status: number; text: string };

const secret = (name: string, data: Record<string, string>, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'argocd', ...metadata },
  data: Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, keyring.seal(Buffer.from(value), { kind: 'Secret', namespace: 'argocd', name, key })]),
  ),
});
const create = (document: { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } }) =>
  store.transaction({ actor: 'me' }, (tx) => tx.create(document));
const set = { kind: 'ApplicationSet', namespace: 'argocd', name: 'apps' };
const stored = async (): Promise<StoredSet | undefined> => store.get<StoredSet>(set);
const names = async (): Promise<string[]> => (await store.list('Application')).items.map(({ metadata }) => metadata.name);
const wake = () => expander.uses.wake(set, { signal: AbortSignal.timeout(5_000) });
const hasFailed = async () => (await stored())?.status?.conditions?.find(({ type }) => type === 'ErrorOccurred')?.status === 'True';

beforeEach(async () => {
  heard = [];
  answer = { status: 200, text: JSON.stringify({ output: { parameters: [{ app: 'one' }, { app: 'two' }] } }) };
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      heard.push({ authorization: request.headers.authorization, body: `${request.url} ${Buffer.concat(chunks).toString()}` });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  store = new FakeResourceStore({ clock });
  const hosts = createHosts({ store, keyring, clock, allow: ['127.0.0.1/32'] });
  const ports = { store, blobs: new FakeBlobStore(), bus: new FakeMessageBus(), clock, logger: silentLogger, hosts };
  expander = createExpander({ concurrency: 2, allowAddresses: [], probeHost: '127.0.0.1', probePort: 0 }, ports);
});
afterEach(async () => {
  await expander.stop();
  await new Promise((resolve) => server.close(resolve));
});

async function storeSet(token = '$plugin:token'): Promise<void> {
  await create(secret('plugin', { token: TOKEN }));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'my-plugin', namespace: 'argocd' },
    data: { baseUrl, token },
  } as never);
  const source = { repoURL: 'https://g/r', path: 'p' };
  await create({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: 'apps', namespace: 'argocd' },
    spec: {
      generators: [{ plugin: { configMapRef: { name: 'my-plugin' }, input: { parameters: { env: 'dev' } }, requeueAfterSeconds: 60 } }],
      template: { metadata: { name: '{{app}}' }, spec: { project: 'default', source, destination: { name: 'c', namespace: 'n' } } },
    },
  } as never);
  await wake();
}

test('a plugin is asked with its token, and again after the time its set says', async () => {
  await storeSet();
  await vi.waitFor(async () => expect(await names()).toEqual(['one', 'two']));
  expect(heard).toEqual([
    {
      authorization: `Bearer ${TOKEN}`,
      body: '/api/v1/getparams.execute {"applicationSetName":"apps","input":{"parameters":{"env":"dev"}}}',
    },
  ]);
  answer.text = JSON.stringify({ output: { parameters: [{ app: 'one' }, { app: 'two' }, { app: 'three' }] } });
  await vi.waitFor(async () => {
    clock.advance(60_000);
    expect(await names()).toEqual(['one', 'three', 'two']);
  });
});

test.each([
  [{ status: 500, text: '' }, 'answers 500'],
  [{ status: 403, text: '' }, 'refuses its token'],
  [{ status: 200, text: '{"output":{}}' }, 'is not a list of maps'],
  [{ status: 200, text: 'no' }, 'answers no JSON'],
])('a plugin that answers %j changes nothing and says why', async (bad, message) => {
  await storeSet();
  await vi.waitFor(async () => expect(await names()).toEqual(['one', 'two']));
  answer = bad;
  await vi.waitFor(async () => {
    clock.advance(60_000);
    expect(await hasFailed()).toBe(true);
  });
  expect(await names()).toEqual(['one', 'two']);
  const text = JSON.stringify((await stored())?.status?.conditions);
  expect(text).toContain(message);
  expect(text).not.toContain('canary');
});

test('a token goes only to public hosts or where its Secret says, and a Secret of another use nowhere', async () => {
  await create(secret('plain', { token: TOKEN }));
  await create(secret('own', { token: TOKEN }, { annotations: { [ORIGIN_ANNOTATION]: 'https://git.example.com, https://b.example.com' } }));
  await create(secret('repository', { password: TOKEN }, { labels: { 'argocd.argoproj.io/secret-type': 'repository' } }));
  const secrets = new HostSecrets(store, keyring, 'argocd');
  const token = (secretName: string, origin: string, key = 'token') => secrets.token({ secretName, key }, origin);
  expect(await token('plain', 'https://api.github.com')).toBe(TOKEN);
  expect(await token('own', 'https://b.example.com')).toBe(TOKEN);
  for (const [name, origin] of [
    ['plain', 'https://evil.example.com'],
    ['own', 'https://api.github.com'],
    ['own', 'http://git.example.com'],
  ] as const) {
    await expect(token(name, origin)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining(`is not meant for ${origin}`),
    });
  }
  await expect(token('repository', 'https://api.github.com', 'password')).rejects.toMatchObject({ code: 'forbidden' });
  await expect(token('missing', 'https://api.github.com')).rejects.toMatchObject({ code: 'not-found' });
  await expect(token('plain', 'https://api.github.com', 'nope')).rejects.toThrow('has no key nope');
});
