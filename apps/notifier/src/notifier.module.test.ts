import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { notifierVerbs, type ResourceDocument } from '@flotilla/contracts';
import { createKeyring } from '@flotilla/keyring';
import { NatsTrust, natsServerConfig } from '@flotilla/messaging';
import { connectService, openPlatform, type Platform, type ServiceConnection } from '@flotilla/platform';
import { type NatsServer, startNats, type TestDatabase, testDatabase, waitFor } from '@flotilla/testkit';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NotifierModule } from './notifier.module.js';

const MASTER_KEY = new Uint8Array(32).fill(7);
const config = {
  concurrency: 4,
  stormLimit: 100,
  maxBacklog: 1_000,
  allowAddresses: ['127.0.0.1/32'],
  probeHost: '127.0.0.1',
  probePort: 0,
};

let database: TestDatabase;
let nats: NatsServer;
let platform: Platform;
let gateway: ServiceConnection;
let copies: { close(): Promise<void> }[];
let server: Server;
const posts: { key: string | undefined; body: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      posts.push({ key: request.headers['idempotency-key'] as string | undefined, body });
      response.end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  database = await testDatabase();
  nats = await startNats({
    config: ({ port, dir }) => natsServerConfig({ trust: new NatsTrust(createKeyring(MASTER_KEY)), port, storeDir: dir }),
  });
  const shared = { masterKey: MASTER_KEY, fleet: 'test', logLevel: 'silent' as const, databaseConnections: 10 };
  platform = await openPlatform({ databaseUrl: database.url, natsUrls: [nats.url], ...shared }, { name: 'test' });
  gateway = await connectService(platform, 'gateway');
  const start = () => NestFactory.createApplicationContext(NotifierModule.register(platform, config), { logger: false });
  copies = [await start(), await start()];
});

afterAll(async () => {
  for (const copy of copies) await copy.close();
  await gateway.close();
  await platform.close();
  await nats.stop();
  await database.drop();
  server.close();
});

const create = (document: ResourceDocument) => platform.store.transaction({ actor: 'test' }, (tx) => tx.create(document));
const ask = (verb: keyof typeof notifierVerbs, request: object) =>
  gateway.bus.ask('notifier', verb, request, { reply: notifierVerbs[verb].reply as never });

test('two copies on PostgreSQL and NATS post each event once to a real server, and answer verbs', async () => {
  const { port } = server.address() as AddressInfo;
  await create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'argocd', name: 'argocd-notifications-cm' },
    data: {
      'service.webhook.local': `url: http://127.0.0.1:${port}/hook`,
      'template.app-created':
        'message: "{{.app.metadata.name}}"\nwebhook:\n  local:\n    method: POST\n    body: "{{.app.metadata.name}} is new"\n',
    },
  });
  // Whatever is there before the first look counts as said.
  await waitFor('the first look', async () => {
    const [row] = await platform.database.query(`SELECT rv FROM resources.cursors WHERE consumer = 'notifier' AND kind = 'Application'`);
    return row !== undefined;
  });
  const names = Array.from({ length: 20 }, (_, i) => `app-${i}`);
  for (const name of names) {
    await create({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { namespace: 'argocd', name, annotations: { 'notifications.argoproj.io/subscribe.on-created.local': '' } },
      spec: { project: 'default', destination: { name: 'prod' } },
    });
  }
  await waitFor('all posts', () => posts.length >= names.length);
  expect(posts.map(({ body }) => body).toSorted()).toEqual(names.map((name) => `${name} is new`).toSorted());
  expect(new Set(posts.map(({ key }) => key)).size).toBe(names.length);
  await waitFor(
    'all receipts',
    async () => ((await ask('receipts', { state: 'sent', limit: 50 })) as { items: unknown[] }).items.length === 20,
  );
  expect(await ask('check', {})).toEqual({ findings: [] });
  expect(await ask('test', { service: 'local', recipient: '', actor: 'ann' })).toMatchObject({ state: 'sent', type: 'test' });
  expect(await ask('preview', { namespace: 'argocd', name: 'app-0', template: 'app-created' })).toMatchObject({
    messages: [{ service: 'local', title: 'app-0', parts: { method: 'POST', body: 'app-0 is new' } }],
  });
});
