import {
  type Cluster,
  CONTROL_NAMESPACE,
  type CreateTokenReply,
  type EnrolReply,
  positionReplySchema,
  positionRequestSchema,
  type Secret,
  spokeSubject,
} from '@flotilla/contracts';
import { type SpokeId, UnavailableError } from '@flotilla/kernel';
import { createKeyring, generateNkey, generateSealingKeyPair, type Nkey, readNatsJwt } from '@flotilla/keyring';
import { type MessageBus, NatsTrust, natsServerConfig } from '@flotilla/messaging';
import { TestSpoke } from '@flotilla/messaging/testing';
import { connectService, openPlatform, type Platform } from '@flotilla/platform';
import { type NatsServer, startNats, type TestDatabase, testDatabase, waitFor } from '@flotilla/testkit';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RegistryConfig, RegistryModule } from './index.js';

const MASTER_KEY = new Uint8Array(32).fill(9);
const keyring = createKeyring(MASTER_KEY);
const trust = new NatsTrust(keyring);
const LEASE_MS = 600;
const config: RegistryConfig = {
  fleet: 'test',
  publicUrl: 'https://hub:8443',
  caDigest: 'ab',
  natsPublicUrls: [],
  beatIntervalMs: LEASE_MS / 3,
  leaseMs: LEASE_MS,
  snapshotDelayMs: 100,
  credentialLifetimeMs: 60_000,
  probeHost: '127.0.0.1',
  probePort: 0,
};

let place: TestDatabase;
let nats: NatsServer;
let platform: Platform;
let app: { close(): Promise<void> };
let bus: MessageBus;
/** The orchestrator's answer to `position`. */
let positionOf: (request: { cluster: string }) => object = () => ({});
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  [place, nats] = await Promise.all([
    testDatabase(),
    startNats({ config: ({ port, dir }) => natsServerConfig({ trust, port, storeDir: dir }) }),
  ]);
  platform = await openPlatform(
    { databaseUrl: place.url, natsUrls: [nats.url], masterKey: MASTER_KEY, fleet: 'test', logLevel: 'silent', databaseConnections: 6 },
    { name: 'test' },
  );
  app = await NestFactory.createApplicationContext(RegistryModule.register(platform, { ...config, natsPublicUrls: [nats.url] }), {
    logger: false,
  });
  const orchestrator = await connectService(platform, 'orchestrator');
  await orchestrator.serve([{ verb: 'position', request: positionRequestSchema, reply: positionReplySchema, use: 'position' }], {
    position: (request: { cluster: string }) => positionOf(request),
  });
  const gateway = await connectService(platform, 'gateway');
  bus = gateway.bus;
  stops.push(orchestrator.close, gateway.close);
});
afterAll(async () => {
  await app?.close();
  for (const stop of stops) await stop();
  await platform?.close();
  await Promise.all([place?.drop(), nats?.stop()]);
});

type Enrolled = Extract<EnrolReply, { spokeId: string }>;
interface Agent {
  nkey: Nkey;
  enrolled: Enrolled;
}

const createToken = (request: object) => bus.ask<CreateTokenReply>('registry', 'createToken', request);
async function enrol(token: string, nkey = generateNkey('user'), rest: object = {}): Promise<Agent> {
  const request = { token, publicNkey: nkey.publicKey, sealingKey: generateSealingKeyPair().publicKey, ...rest };
  return { nkey, enrolled: await bus.ask<Enrolled>('registry', 'enrol', request) };
}
async function addCluster(name: string): Promise<Agent> {
  return enrol((await createToken({ cluster: name, labels: { env: 'dev' } })).token);
}
const dial = ({ nkey, enrolled }: Agent, jwt = enrolled.userJwt): Promise<TestSpoke> =>
  TestSpoke.connect({ url: nats.url, spoke: enrolled.spokeId as SpokeId, credential: { jwt, nkey } });
const hello = (spoke: TestSpoke, instanceId = 'i1', clusterUid = 'uid') =>
  spoke.request(
    'hello',
    { instanceId, clusterUid, agentVersion: '1', kubernetesVersion: 'v1.36.3', apiVersions: ['apps/v1'] },
    5_000,
  ) as Promise<Record<string, never> & { session: number; error?: { code: string } }>;
const beat = (spoke: TestSpoke, session: number) =>
  spoke.publish(spokeSubject(spoke.spoke, 'beat'), { session, ackedSeq: 0, apps: 0, unhealthy: 0 });
const cluster = (name: string) => platform.store.get<Cluster>({ kind: 'Cluster', namespace: '', name });
const phase = (name: string, wanted: string) =>
  waitFor(`cluster ${name} to be ${wanted}`, async () => (await cluster(name))?.status?.phase === wanted, 8_000);

describe('enrolment', () => {
  it('gives an agent its identity for a token, once, and the same again to the same key', async () => {
    const token = await createToken({ cluster: 'one', labels: { env: 'dev' }, project: 'team' });
    const agent = await enrol(token.token);
    expect(agent.enrolled).toMatchObject({
      cluster: 'one',
      fleet: 'test',
      accepted: true,
      signingKey: keyring.signingKey,
      natsUrls: [nats.url],
    });
    expect((await enrol(token.token, agent.nkey)).enrolled.spokeId).toBe(agent.enrolled.spokeId);
    await expect(enrol(token.token)).rejects.toMatchObject({ code: 'token-refused' });
    expect(await cluster('one')).toMatchObject({
      metadata: { labels: { env: 'dev' } },
      spec: { spokeId: agent.enrolled.spokeId, accepted: true, project: 'team' },
    });
    const { tokens } = await bus.ask<{ tokens: { name: string; used: number }[] }>('registry', 'listTokens', {});
    expect(tokens).toContainEqual(expect.objectContaining({ name: token.name, used: 1, uses: 1 }));
    expect(JSON.stringify(tokens)).not.toContain('Digest');
  });

  it('refuses a second agent for a cluster, a wrong token and malformed keys', async () => {
    await addCluster('taken');
    await expect(addCluster('taken')).rejects.toMatchObject({ code: 'conflict' });
    await expect(enrol('nonsense')).rejects.toMatchObject({ code: 'token-refused' });
    const request = { token: 'x', publicNkey: 'U', sealingKey: generateSealingKeyPair().publicKey };
    await expect(bus.ask('registry', 'enrol', request)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('lets the agents of a multi-use token wait until a person accepts each', async () => {
    const { token } = await createToken({ uses: 2 });
    const agent = await enrol(token, undefined, { name: 'edge-1' });
    expect(agent.enrolled).toMatchObject({ accepted: false, cluster: 'edge-1' });
    const spoke = await dial(agent);
    expect(await hello(spoke)).toMatchObject({ error: { code: 'pending' } });
    await phase('edge-1', 'Pending');
    await bus.ask('registry', 'accept', { cluster: 'edge-1' });
    expect((await hello(spoke)).session).toBeGreaterThan(0);
    await phase('edge-1', 'Connected');
    await spoke.close();
  });

  it('renews by the key alone and refuses a foreign signature', async () => {
    const { nkey, enrolled } = await addCluster('renewing');
    const issuedAt = 12345;
    const signature = nkey.sign(`${enrolled.spokeId}.${issuedAt}`).toString('base64');
    const renewed = await bus.ask<{ userJwt: string }>('registry', 'renew', { spokeId: enrolled.spokeId, issuedAt, signature });
    expect(readNatsJwt(renewed.userJwt)?.sub).toBe(nkey.publicKey);
    const foreign = generateNkey('user').sign(`${enrolled.spokeId}.${issuedAt}`).toString('base64');
    await expect(bus.ask('registry', 'renew', { spokeId: enrolled.spokeId, issuedAt, signature: foreign })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(bus.ask('registry', 'renew', { spokeId: 'x', issuedAt, signature })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('cuts a revoked agent within five seconds and never lets it back', async () => {
    const agent = await addCluster('revoking');
    const spoke = await dial(agent);
    const start = Date.now();
    expect(await bus.ask('registry', 'revoke', { cluster: 'revoking' })).toEqual({ cluster: 'revoking', isCut: true });
    await spoke.cut();
    expect(Date.now() - start).toBeLessThan(5_000);
    await phase('revoking', 'Revoked');
    await expect(dial(agent)).rejects.toThrow(/authorization/i);
    const signature = agent.nkey.sign(`${agent.enrolled.spokeId}.1`).toString('base64');
    await expect(bus.ask('registry', 'renew', { spokeId: agent.enrolled.spokeId, issuedAt: 1, signature })).rejects.toMatchObject({
      code: 'revoked',
    });
    expect((await addCluster('revoking')).enrolled.spokeId).not.toBe(agent.enrolled.spokeId);
  });
});

describe('a cluster that is removed', () => {
  it.each([
    ['by the verb', () => bus.ask('registry', 'remove', { cluster: 'removing' })],
    [
      'by deleting its document',
      () => platform.store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'Cluster', namespace: '', name: 'removing' })),
    ],
  ])('takes its agent with it: %s', async (_how, remove) => {
    const agent = await addCluster('removing');
    const spoke = await dial(agent);
    await hello(spoke);
    await remove();
    await spoke.cut();
    expect(await cluster('removing')).toBeUndefined();
    await expect(dial(agent)).rejects.toThrow(/authorization/i);
  });
});

describe('a session', () => {
  it('numbers sessions upwards, tells interval and lease, and writes the facts', async () => {
    const spoke = await dial(await addCluster('numbers'));
    const first = await hello(spoke);
    const second = await hello(spoke);
    expect(second.session).toBeGreaterThan(first.session);
    expect(second).toMatchObject({ fleet: 'test', cluster: 'numbers', beatIntervalMs: LEASE_MS / 3, leaseMs: LEASE_MS });
    expect((await cluster('numbers'))?.status).toMatchObject({ session: second.session, kubernetesVersion: 'v1.36.3', clusterUid: 'uid' });
    await spoke.close();
  });

  it('begins without the orchestrator, and tells the position where there is one', async () => {
    const spoke = await dial(await addCluster('positions'));
    positionOf = ({ cluster: name }) => ({ epoch: 1, generation: name.length });
    expect(await hello(spoke)).toMatchObject({ current: { epoch: 1, generation: 'positions'.length } });
    positionOf = () => {
      throw new UnavailableError('no database');
    };
    expect(await hello(spoke)).toMatchObject({ cluster: 'positions' });
    positionOf = () => ({});
    await spoke.close();
  });

  it('is Connected while it beats, Unknown since its last beat afterwards, and back', async () => {
    const spoke = await dial(await addCluster('beating'));
    const { session } = await hello(spoke);
    let beats = 0;
    let lastBeat = 0;
    const timer = setInterval(() => {
      beat(spoke, session);
      beats++;
      lastBeat = Date.now();
    }, 50);
    await phase('beating', 'Connected');
    const { resourceVersion } = (await cluster('beating'))!.metadata;
    const soFar = beats;
    await waitFor('beats over more than a lease', () => beats > soFar + 20);
    expect((await cluster('beating'))?.metadata.resourceVersion).toBe(resourceVersion);
    clearInterval(timer);
    await phase('beating', 'Unknown');
    const { since } = (await cluster('beating'))!.status!;
    expect(Math.abs(Date.parse(since!) - lastBeat)).toBeLessThan(250);
    beat(spoke, session);
    await phase('beating', 'Connected');
    beat(spoke, session - 1);
    await spoke.close();
  });

  it('is judged by another copy when the one that judged ends', async () => {
    const spoke = await dial(await addCluster('judged'));
    const { session } = await hello(spoke);
    const timer = setInterval(() => beat(spoke, session), 50);
    await phase('judged', 'Connected');
    const second = await NestFactory.createApplicationContext(
      RegistryModule.register(platform, { ...config, natsPublicUrls: [nats.url] }),
      {
        logger: false,
      },
    );
    await app.close();
    app = second;
    clearInterval(timer);
    await phase('judged', 'Unknown');
    expect((await hello(spoke)).session).toBeGreaterThan(session);
    await phase('judged', 'Connected');
    await spoke.close();
  });

  it('quarantines another cluster with the same identity until a person accepts it', async () => {
    const spoke = await dial(await addCluster('copied'));
    await hello(spoke);
    expect(await hello(spoke, 'i2', 'another-uid')).toMatchObject({ error: { code: 'quarantined' } });
    await phase('copied', 'Quarantined');
    expect(await hello(spoke)).toMatchObject({ error: { code: 'quarantined' } });
    await bus.ask('registry', 'accept', { cluster: 'copied' });
    expect((await hello(spoke, 'i2', 'another-uid')).session).toBeGreaterThan(0);
    await spoke.close();
  });

  it('quarantines two agents that keep superseding each other', async () => {
    const spoke = await dial(await addCluster('twins'));
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 8; i++) codes.push((await hello(spoke, i % 2 ? 'a' : 'b')).error?.code);
    expect(codes.filter((code) => code === undefined)).toHaveLength(4);
    expect(codes.at(-1)).toBe('quarantined');
    await spoke.close();
  });
});

describe('an Argo cluster Secret', () => {
  const secret = (name: string, values: Record<string, string>, labels: Record<string, string> = {}): Secret => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: CONTROL_NAMESPACE, labels: { 'argocd.argoproj.io/secret-type': 'cluster', ...labels } },
    data: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key,
        keyring.seal(Buffer.from(value), { kind: 'Secret', namespace: CONTROL_NAMESPACE, name, key }),
      ]),
    ),
  });
  const write = (document: Secret) => platform.store.transaction({ actor: 'test' }, (tx) => tx.create(document));
  const conditions = async (name: string) => (await cluster(name))?.status?.conditions?.map(({ type }) => type).sort();

  it('registers a cluster, drops the credentials with a warning and tells of duplicate names', async () => {
    const labels = { environment: 'production', region: 'us-east-1' };
    await write(
      secret('prod-cluster-east', { name: 'prod-east', server: 'https://prod-east.example.com', config: '{"bearerToken":"t0p"}' }, labels),
    );
    await phase('prod-cluster-east', 'Unknown');
    expect(await cluster('prod-cluster-east')).toMatchObject({
      metadata: { labels },
      spec: { name: 'prod-east', server: 'https://prod-east.example.com' },
    });
    expect(await conditions('prod-cluster-east')).toEqual(['CredentialsDropped']);
    await write(secret('spoke-cluster-east', { name: 'prod-east', server: 'https://spoke-east.example.com' }));
    await waitFor('both to be marked', async () => (await conditions('prod-cluster-east'))?.length === 2);
    expect(await conditions('spoke-cluster-east')).toEqual(['DuplicateName']);
    expect(JSON.stringify(await cluster('prod-cluster-east'))).not.toContain('t0p');
  });

  it('takes over the agent of an enrolled cluster that runs nothing', async () => {
    await write(secret('legacy', { name: 'legacy', server: 'https://legacy.example.com' }));
    await phase('legacy', 'Unknown');
    const agent = await addCluster('fresh');
    positionOf = () => {
      throw new UnavailableError('no database');
    };
    await expect(bus.ask('registry', 'bind', { from: 'fresh', to: 'legacy' })).rejects.toMatchObject({ code: 'unavailable' });
    positionOf = () => ({ epoch: 1, generation: 3 });
    await expect(bus.ask('registry', 'bind', { from: 'fresh', to: 'legacy' })).rejects.toMatchObject({ code: 'conflict' });
    positionOf = () => ({});
    await bus.ask('registry', 'bind', { from: 'fresh', to: 'legacy' });
    expect(await cluster('fresh')).toBeUndefined();
    expect((await cluster('legacy'))?.spec).toMatchObject({ spokeId: agent.enrolled.spokeId, server: 'https://legacy.example.com' });
    const spoke = await dial(agent);
    expect(await hello(spoke)).toMatchObject({ cluster: 'legacy' });
    await phase('legacy', 'Connected');
    await spoke.close();
  });

  it('goes with its Secret only where no agent is bound to it', async () => {
    await write(secret('leaving', { name: 'leaving', server: 'https://leaving.example.com' }));
    await phase('leaving', 'Unknown');
    const remove = (name: string) =>
      platform.store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'Secret', namespace: CONTROL_NAMESPACE, name }));
    await remove('leaving');
    await remove('legacy');
    await waitFor('the cluster to go', async () => (await cluster('leaving')) === undefined);
    await waitFor(
      'the other to be released',
      async () => !(await cluster('legacy'))?.metadata.annotations?.['flotilla.dev/cluster-secret'],
    );
    expect((await cluster('legacy'))?.spec.spokeId).toBeDefined();
  });
});
