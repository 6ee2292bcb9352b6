import {
  directoriesRequestSchema,
  listingReplySchema,
  type ResourceDocument,
  resolveReplySchema,
  resolveRequestSchema,
} from '@flotilla/contracts';
import { canonicalJson, type Digest, digestBytes } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { NatsTrust, natsServerConfig } from '@flotilla/messaging';
import { connectService, openPlatform, type Platform, type ServiceConnection } from '@flotilla/platform';
import { type NatsServer, startNats, type TestDatabase, testDatabase, waitFor } from '@flotilla/testkit';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExpanderModule } from './expander.module.js';
import type { StoredSet } from './sets/stored-set.js';

const MASTER_KEY = new Uint8Array(32).fill(7);
const config = { concurrency: 2, allowAddresses: [], probeHost: '127.0.0.1', probePort: 0 };
const key = { kind: 'ApplicationSet', namespace: 'argocd', name: 'apps' };

let database: TestDatabase;
let nats: NatsServer;
let platform: Platform;
let gateway: ServiceConnection;
let renderer: ServiceConnection;
let copies: { close(): Promise<void> }[];
let directories = ['apps/one', 'apps/two', 'apps/three'];

beforeAll(async () => {
  database = await testDatabase();
  nats = await startNats({
    config: ({ port, dir }) => natsServerConfig({ trust: new NatsTrust(createKeyring(MASTER_KEY)), port, storeDir: dir }),
  });
  const shared = { masterKey: MASTER_KEY, fleet: 'test', logLevel: 'silent' as const, databaseConnections: 8 };
  platform = await openPlatform({ databaseUrl: database.url, natsUrls: [nats.url], ...shared }, { name: 'test' });
  gateway = await connectService(platform, 'gateway');
  renderer = await connectService(platform, 'renderer');
  await renderer.serve(
    [
      { verb: 'resolve', request: resolveRequestSchema, reply: resolveReplySchema, use: 'resolve' },
      { verb: 'directories', request: directoriesRequestSchema, reply: listingReplySchema, use: 'directories' },
    ],
    {
      resolve: () => ({ refs: [{ repoURL: 'https://r', ref: 'HEAD', commit: 'c0ffee' }] }),
      directories: async () => {
        const bytes = Buffer.from(canonicalJson(directories));
        await platform.blobs.put([{ digest: digestBytes(bytes), bytes, sealed: false }]);
        return { digest: digestBytes(bytes) };
      },
    },
  );
  const start = () => NestFactory.createApplicationContext(ExpanderModule.register(platform, config), { logger: false });
  copies = [await start(), await start()];
});

afterAll(async () => {
  for (const copy of copies) await copy.close();
  await renderer.close();
  await gateway.close();
  await platform.close();
  await nats.stop();
  await database.drop();
});

const names = async (): Promise<string[]> => (await platform.store.list('Application')).items.map(({ metadata }) => metadata.name);
const stored = async (): Promise<StoredSet> => (await platform.store.get<StoredSet>(key))!;

test('two copies on PostgreSQL and NATS keep one set: create, hold, release, answer verbs', async () => {
  const source = { repoURL: 'https://r', path: '{{path}}' };
  const set = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: 'apps', namespace: 'argocd' },
    spec: {
      syncPolicy: { preserveResourcesOnDeletion: true },
      generators: [{ git: { repoURL: 'https://r', directories: [{ path: 'apps/*' }] } }],
      template: {
        metadata: { name: '{{path.basename}}' },
        spec: { project: 'default', source, destination: { name: 'c', namespace: 'n' } },
      },
    },
  };
  await platform.store.transaction({ actor: 'me' }, (tx) => tx.create(set as ResourceDocument));
  await waitFor('three applications', async () => (await stored()).status?.applications === 3, 10_000);
  expect(await names()).toEqual(['one', 'three', 'two']);

  directories = ['other'];
  await platform.store.transaction({ actor: 'me' }, async (tx) => {
    const current = await tx.getForUpdate<StoredSet>(key);
    await tx.update<StoredSet>({ ...current!, metadata: { ...current!.metadata, labels: { touched: 'yes' } } });
  });
  await waitFor('three held deletions', async () => (await stored()).status?.heldDeletions?.length === 3, 10_000);
  expect(await names()).toEqual(['one', 'three', 'two']);

  const request = { namespace: 'argocd', name: 'apps', names: ['one', 'three', 'two'], actor: 'me' };
  expect(await gateway.bus.ask('expander', 'confirm-deletes', request)).toEqual({ message: '3 deletions are released' });
  await waitFor('the released deletions', async () => (await names()).length === 0, 10_000);

  directories = ['apps/new'];
  const dry = await gateway.bus.ask<{ digest: string; count: number }>('expander', 'generate', { namespace: 'argocd', name: 'apps' });
  const [blob] = await platform.blobs.get([dry.digest as Digest]);
  expect(dry.count).toBe(1);
  expect(Buffer.from(blob!.bytes).toString()).toContain('"name":"new"');
  await expect(gateway.bus.ask('expander', 'generate', { namespace: 'argocd', name: 'none' })).rejects.toMatchObject({ code: 'not-found' });
});

test('news of a rollout, of a decision and of the ConfigMap that describes it reach the sets they concern', async () => {
  const write = (...documents: object[]) =>
    platform.store.transaction({ actor: 'me' }, async (tx) => {
      for (const document of documents) await tx.create(document as ResourceDocument);
    });
  const metadata = (name: string) => ({ name, namespace: 'argocd' });
  const OCM = 'cluster.open-cluster-management.io/v1beta1';
  const status = { decisions: [{ clusterName: 'chosen' }] };
  const decision = await platform.store.transaction({ actor: 'me' }, async (tx) => {
    await tx.create<ResourceDocument>({ apiVersion: 'flotilla.dev/v1alpha1', kind: 'Cluster', metadata: { name: 'chosen' }, spec: {} });
    return tx.create<ResourceDocument>({ apiVersion: OCM, kind: 'PlacementDecision', metadata: metadata('web') });
  });
  const spec = {
    generators: [{ clusterDecisionResource: { configMapRef: 'ocm', name: 'web', requeueAfterSeconds: 3_600 } }],
    template: {
      metadata: { name: 'on-{{name}}' },
      spec: { project: 'default', source: { repoURL: 'https://r', path: 'p' }, destination: { name: '{{name}}', namespace: 'n' } },
    },
  };
  await write({ apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', metadata: metadata('decided'), spec });
  const decided = async () => (await platform.store.get<StoredSet>({ ...key, name: 'decided' }))!;
  const says = (text: string) => async () => JSON.stringify((await decided()).status?.conditions ?? []).includes(text);
  await waitFor('the missing ConfigMap', says('ConfigMap argocd/ocm does not exist'), 10_000);
  const data = { apiVersion: OCM, kind: 'placementdecisions', statusListKey: 'decisions', matchKey: 'clusterName' };
  await write({ apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('ocm'), data });
  await waitFor('the missing status', says('is not there yet'), 10_000);
  await platform.store.transaction({ actor: 'me' }, (tx) => tx.updateStatus<ResourceDocument>({ ...decision, status }));
  await waitFor('the decided application', async () => (await names()).includes('on-chosen'), 10_000);

  const { uid } = (await decided()).metadata;
  const owner = { kind: 'ApplicationSet', namespace: 'argocd', name: 'decided', uid };
  const run = { apiVersion: 'flotilla.dev/v1alpha1', kind: 'FleetRollout', metadata: metadata('decided-r1') };
  await platform.store.transaction({ actor: 'me' }, async (tx) => {
    const made = await tx.create<ResourceDocument>({ ...run, spec: { owner, release: 'decided-r1', policy: 'guarded' } });
    await tx.updateStatus<ResourceDocument>({ ...made, status: { phase: 'Progressing', stage: 'canary', stageIndex: 0 } });
  });
  await waitFor('the condition', says('ApplicationSet is performing rollout of step 1'), 10_000);
});
