import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import type { Application, GitSource, RenderReply, ResourceDocument } from '@flotilla/contracts';
import { systemClock } from '@flotilla/kernel';
import { MasterKeyring } from '@flotilla/keyring';
import { connectHub, type HubLinks, NatsMessageBus, NatsTrust, natsServerConfig } from '@flotilla/messaging';
import type { Database } from '@flotilla/persistence';
import { openPlatform, type Platform } from '@flotilla/platform';
import { silentLogger } from '@flotilla/telemetry';
import { type GitServer, type NatsServer, startGitServer, startNats, type TestDatabase, testDatabase, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRendererConfig } from './renderer.config.js';
import { type RendererService, startRenderer } from './renderer.module.js';

const MASTER_KEY = new Uint8Array(32).fill(3);
const keyring = new MasterKeyring(MASTER_KEY);
const trust = new NatsTrust(keyring);
let git: GitServer;
let nats: NatsServer;
let fresh: TestDatabase;
let database: Database;
let platform: Platform;
let store: Platform['store'];
let renderer: RendererService;
let links: HubLinks;
let bus: NatsMessageBus;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'flotilla-renderer-module-'));
  [git, nats, fresh] = await Promise.all([
    startGitServer(),
    startNats({ config: ({ port }) => natsServerConfig({ trust, port }) }),
    testDatabase(),
  ]);
  platform = await openPlatform(
    { databaseUrl: fresh.url, natsUrls: [nats.url], masterKey: MASTER_KEY, fleet: 'test', logLevel: 'silent', databaseConnections: 10 },
    { name: 'test' },
  );
  ({ database, store } = platform);
  const env = { PATH: process.env.PATH, FLOTILLA_RENDERER_DIR: dir, FLOTILLA_GIT_ALLOW_INSECURE: 'true', FLOTILLA_GIT_POLL_INTERVAL: '1h' };
  const config = readRendererConfig({
    ...env,
    FLOTILLA_HELM: process.env.FLOTILLA_HELM,
    FLOTILLA_KUSTOMIZE: process.env.FLOTILLA_KUSTOMIZE,
  });
  renderer = await startRenderer(platform, config);
  links = await connectHub({ service: 'orchestrator', address: { servers: [nats.url] }, trust, logger: silentLogger });
  bus = new NatsMessageBus(links, systemClock);
});
afterAll(async () => {
  await renderer?.stop();
  await links?.close();
  await platform?.close();
  await Promise.all([git?.stop(), nats?.stop(), fresh?.drop()]);
  await rm(dir, { recursive: true, force: true });
});

test('an application, a push and a render go through PostgreSQL and NATS', async () => {
  const repository = await git.createRepo('app', {
    'k8s/a.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {p: canary}\n',
  });
  const document = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'app', namespace: 'argocd' },
    spec: { project: 'default', destination: { name: 'dev', namespace: 'apps' }, source: { repoURL: repository.httpUrl, path: 'k8s' } },
  };
  const application = (await store.transaction({ actor: 'test' }, (tx) => tx.create(document))) as unknown as Application;

  const revision = () => store.list<GitSource & ResourceDocument>('GitSource').then(({ items }) => items[0]?.status?.revision);
  const first = await waitFor('the first revision', revision);
  const second = await git.commit(repository, { 'k8s/b.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n' });
  expect(await bus.ask('renderer', 'pushed', { repoURLs: [repository.httpUrl] })).toEqual({ sources: 1 });
  await waitFor('the pushed revision', async () => (await revision()) === second);
  expect(first).not.toBe(second);

  const item = { namespace: 'argocd', name: 'app', uid: application.metadata.uid, commits: [second] };
  const reply = await bus.ask<RenderReply>('renderer', 'render', { items: [item] }, { timeoutMs: 20_000 });
  expect(reply.items).toEqual([
    {
      uid: item.uid,
      bundle: expect.any(String),
      renderKey: expect.any(String),
      objects: 2,
      conditions: [{ type: 'PlainSecret', message: expect.stringContaining('Secret/s') }],
    },
  ]);
  const rows = await database.query('SELECT objects FROM renderer.renders');
  expect(rows).toEqual([{ objects: 2 }]);
  const stored = await database.query<{ content: Buffer; is_sealed: boolean }>('SELECT content, is_sealed FROM blobs.blobs');
  const texts = stored.map(({ content, is_sealed }) => (is_sealed ? content : zstdDecompressSync(content)).toString('latin1'));
  expect(stored.map(({ is_sealed }) => is_sealed).sort()).toEqual([false, false, true]);
  expect(texts.join()).not.toMatch(/canary|Y2FuYXJ5/);
  expect(renderer.notReady()).toEqual([]);
});
