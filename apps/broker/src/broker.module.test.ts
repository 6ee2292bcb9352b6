import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Grant,
  grantsVerbReplySchema,
  grantsVerbSchema,
  type ResourceDocument,
  type SecretGrant,
  secretContext,
} from '@flotilla/contracts';
import { canonicalJson, digestBytes, newSpokeId } from '@flotilla/kernel';
import { createKeyring, generateSealingKeyPair, openEnvelope } from '@flotilla/keyring';
import { NatsTrust, natsServerConfig } from '@flotilla/messaging';
import { TestSpoke } from '@flotilla/messaging/testing';
import { connectService, openPlatform, type Platform } from '@flotilla/platform';
import { startNats, testDatabase, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrokerService, startBroker } from './broker.module.js';
import { externalSecret } from './testing/broker-under-test.js';

const CANARY = 'canary-7b1d-on-the-wire';
const SECOND = 'canary-7b1d-after-rotation';
const MASTER_KEY = new Uint8Array(32).fill(3);

let platform: Platform;
let directory: string;
let brokers: BrokerService[];
let spoke: TestSpoke;
let granted: (Grant & { namespace: string })[] = [];
const key = generateSealingKeyPair();
const id = newSpokeId();
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-broker-'));
  stops.push(() => rm(directory, { recursive: true, force: true }));
  const trust = new NatsTrust(createKeyring(MASTER_KEY));
  const wiretap = `trace: true\nlog_file: ${JSON.stringify(join(directory, 'nats.log'))}\n`;
  const [place, nats] = await Promise.all([
    testDatabase(),
    startNats({ config: ({ port, dir }) => `${natsServerConfig({ trust, port, storeDir: dir })}\n${wiretap}` }),
  ]);
  stops.push(
    () => place.drop(),
    () => nats.stop(),
  );
  const config = { natsUrls: [nats.url], masterKey: MASTER_KEY, fleet: 'test', logLevel: 'silent' as const, databaseConnections: 12 };
  platform = await openPlatform({ databaseUrl: place.url, ...config }, { name: 'test' });
  stops.push(() => platform.close());
  const orchestrator = await connectService(platform, 'orchestrator');
  stops.push(() => orchestrator.close());
  await orchestrator.serve([{ verb: 'grants', request: grantsVerbSchema, reply: grantsVerbReplySchema, use: 'grants' }], {
    grants: () => ({ fleet: 'test', cluster: 'one', sealingKey: key.publicKey, grants: granted }),
  });
  const start = () => startBroker(platform, { concurrency: 2, secretsDir: directory, allowAddresses: [], probeHost: '', probePort: 0 });
  brokers = [await start(), await start()];
  spoke = await TestSpoke.connect({ url: nats.url, spoke: id, trust });
  stops.push(() => spoke.close());
}, 60_000);

afterAll(async () => {
  for (const broker of brokers ?? []) await broker.stop();
  for (const stop of stops.toReversed()) await stop();
});

const write = (password: string) => writeFile(join(directory, 'db.json'), JSON.stringify({ password }));
const place = { kind: 'SecretGrant', namespace: 'argocd', name: 'db' };
const grant = () => platform.store.get<SecretGrant & ResourceDocument>(place);

async function create(document: object): Promise<void> {
  await platform.store.transaction({ actor: 'test' }, (tx) => tx.create(document as ResourceDocument));
}

async function rotateTo(password: string): Promise<void> {
  await write(password);
  await platform.store.transaction({ actor: 'test' }, async (tx) => {
    const current = (await tx.getForUpdate<SecretGrant & ResourceDocument>(place))!;
    await tx.update({ ...current, spec: { ...current.spec, rotateAt: new Date().toISOString() } });
  });
}

async function fetched(version: string): Promise<string> {
  const reply = (await spoke.request('secrets', { session: 1, wants: [{ grant: 'g', version }] })) as {
    envelopes: { envelope: string }[];
    refused: unknown[];
  };
  expect(reply.refused).toEqual([]);
  const context = secretContext('test', id, { id: 'g', target: { namespace: 'shop', name: 'db' }, version });
  const secret = JSON.parse(Buffer.from(await openEnvelope(key.privateKey, JSON.parse(reply.envelopes[0]!.envelope), context)).toString());
  return Buffer.from((secret as { data: { password: string } }).data.password, 'base64').toString();
}

function release(version: string): void {
  const from = { kind: 'ExternalSecret' as const, namespace: 'shop', name: 'db' };
  const target = { namespace: 'shop', name: 'db' };
  granted = [{ id: 'g', app: 'uid', source: 'db', namespace: 'argocd', from, target, wave: 0, creationPolicy: 'Owner', version }];
}

test('over real NATS a spoke gets the value, and the new one after a rotation; neither passes in clear, and neither rests so', async () => {
  await write(CANARY);
  const bytes = Buffer.from(canonicalJson(externalSecret('db')));
  const digest = digestBytes(bytes);
  await platform.blobs.put([{ digest, bytes, sealed: false }]);
  const store = {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ClusterSecretStore',
    metadata: { name: 'files' },
    spec: { provider: { file: {} } },
  };
  await create(store);
  await create({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'SecretGrant',
    metadata: { namespace: 'argocd', name: 'db' },
    spec: {
      project: 'default',
      from: { kind: 'ExternalSecret', namespace: 'shop', name: 'db', digest },
      target: { namespace: 'shop', name: 'db' },
    },
  });
  await waitFor('a value', async () => (await grant())?.status?.version);
  const first = (await grant())!.status!.version!;
  release(first);
  expect(await fetched(first)).toBe(CANARY);

  await rotateTo(SECOND);
  await waitFor('another version', async () => (await grant())?.status?.version !== first);
  const second = (await grant())!.status!.version!;
  expect(await spoke.request('secrets', { session: 1, wants: [{ grant: 'g', version: first }] })).toMatchObject({
    envelopes: [],
    refused: [{ grant: 'g', code: 'moved' }],
  });
  release(second);
  expect(await fetched(second)).toBe(SECOND);
  expect(brokers.flatMap((broker) => broker.notReady())).toEqual([]);
  expect(spoke.complaints).toEqual([]);

  const tables = await platform.database.query<{ place: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS place FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const rows = await Promise.all(tables.map(({ place: table }) => platform.database.query(`SELECT t::text AS row FROM ${table} t`)));
  const wire = await readFile(join(directory, 'nats.log'), 'utf8');
  expect(wire).toContain('MSG_PAYLOAD');
  expect(wire).toContain(second);
  for (const value of [CANARY, SECOND])
    for (const encoding of ['utf8', 'base64', 'hex'] as const) {
      const needle = Buffer.from(value)
        .toString(encoding)
        .slice(0, encoding === 'base64' ? -4 : undefined);
      for (const text of [wire, JSON.stringify(rows)]) expect(text.includes(needle)).toBe(false);
    }
}, 30_000);
