import {
  type Cluster,
  type CreateTokenReply,
  type EnrolReply,
  positionReplySchema,
  positionRequestSchema,
  spokeSubject,
} from '@flotilla/contracts';
import type { SpokeId } from '@flotilla/kernel';
import { createKeyring, generateNkey, generateSealingKeyPair, type Nkey } from '@flotilla/keyring';
import { type MessageBus, NatsTrust, natsServerConfig } from '@flotilla/messaging';
import { TestSpoke } from '@flotilla/messaging/testing';
import { connectService, openPlatform, type Platform } from '@flotilla/platform';
import { startNats, testDatabase } from '@flotilla/testkit';
import { NestFactory } from '@nestjs/core';
import type { RegistryConfig } from '../registry.config.js';
import { RegistryModule } from '../registry.module.js';

const MASTER_KEY = new Uint8Array(32).fill(9);
export const testKeyring = createKeyring(MASTER_KEY);
export const testTrust = new NatsTrust(testKeyring);
export const LEASE_MS = 600;

export type Enrolled = Extract<EnrolReply, { spokeId: string }>;
export interface TestAgent {
  nkey: Nkey;
  enrolled: Enrolled;
}

/** A registry over a database and a NATS server of the test's own, with an orchestrator that says where clusters stand. */
export class RegistryUnderTest {
  readonly platform: Platform;
  readonly bus: MessageBus;
  /** The orchestrator's answer to `position`. */
  positionOf: (request: { cluster: string }) => object = () => ({});
  readonly natsUrl: string;
  readonly #stops: (() => Promise<unknown>)[] = [];
  #app: { close(): Promise<void> } | undefined;

  private constructor(platform: Platform, bus: MessageBus, natsUrl: string) {
    this.platform = platform;
    this.bus = bus;
    this.natsUrl = natsUrl;
  }

  /** The NATS server runs with the configuration of `testTrust`. */
  static async start(): Promise<RegistryUnderTest> {
    const config = ({ port, dir }: { port: number; dir: string }) => natsServerConfig({ trust: testTrust, port, storeDir: dir });
    const [place, nats] = await Promise.all([testDatabase(), startNats({ config })]);
    const platform = await openPlatform(
      { databaseUrl: place.url, natsUrls: [nats.url], masterKey: MASTER_KEY, fleet: 'test', logLevel: 'silent', databaseConnections: 6 },
      { name: 'test' },
    );
    const gateway = await connectService(platform, 'gateway');
    const registry = new RegistryUnderTest(platform, gateway.bus, nats.url);
    const orchestrator = await connectService(platform, 'orchestrator');
    await orchestrator.serve([{ verb: 'position', request: positionRequestSchema, reply: positionReplySchema, use: 'position' }], {
      position: (request: { cluster: string }) => registry.positionOf(request),
    });
    registry.#stops.push(
      orchestrator.close,
      gateway.close,
      () => platform.close(),
      () => place.drop(),
      () => nats.stop(),
    );
    registry.#app = await registry.#copy();
    return registry;
  }

  /** Starts another copy and ends the first. */
  async replace(): Promise<void> {
    const next = await this.#copy();
    await this.#app?.close();
    this.#app = next;
  }

  async stop(): Promise<void> {
    await this.#app?.close();
    for (const stop of this.#stops) await stop();
  }

  createToken(request: object): Promise<CreateTokenReply> {
    return this.bus.ask<CreateTokenReply>('registry', 'createToken', request);
  }

  async enrol(token: string, nkey = generateNkey('user'), rest: object = {}): Promise<TestAgent> {
    const request = { token, publicNkey: nkey.publicKey, sealingKey: generateSealingKeyPair().publicKey, ...rest };
    return { nkey, enrolled: await this.bus.ask<Enrolled>('registry', 'enrol', request) };
  }

  async addCluster(name: string): Promise<TestAgent> {
    return this.enrol((await this.createToken({ cluster: name, labels: { env: 'dev' } })).token);
  }

  dial({ nkey, enrolled }: TestAgent): Promise<TestSpoke> {
    const credential = { jwt: enrolled.userJwt, nkey };
    return TestSpoke.connect({ url: this.natsUrl, spoke: enrolled.spokeId as SpokeId, credential });
  }

  cluster(name: string): Promise<Cluster | undefined> {
    return this.platform.store.get<Cluster>({ kind: 'Cluster', namespace: '', name });
  }

  #copy(): Promise<{ close(): Promise<void> }> {
    const config: RegistryConfig = {
      fleet: 'test',
      publicUrl: 'https://hub:8443',
      caDigest: 'ab',
      natsPublicUrls: [this.natsUrl],
      beatIntervalMs: LEASE_MS / 3,
      leaseMs: LEASE_MS,
      snapshotDelayMs: 100,
      credentialLifetimeMs: 60_000,
      probeHost: '127.0.0.1',
      probePort: 0,
    };
    return NestFactory.createApplicationContext(RegistryModule.register(this.platform, config), { logger: false });
  }
}

export async function hello(
  spoke: TestSpoke,
  instanceId = 'i1',
  clusterUid = 'uid',
  more: object = {},
): Promise<{ session: number; error?: { code: string } }> {
  const facts = { agentVersion: '1', kubernetesVersion: 'v1.36.3', apiVersions: ['apps/v1'] };
  return (await spoke.request('hello', { instanceId, clusterUid, ...facts, ...more }, 5_000)) as { session: number };
}

export function beat(spoke: TestSpoke, session: number): void {
  spoke.publish(spokeSubject(spoke.spoke, 'beat'), { session, ackedSeq: 0, apps: 0, unhealthy: 0 });
}
