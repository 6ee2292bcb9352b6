import type { Beat, BindRequest, Cluster, ClusterVerbRequest, CreateTokenRequest, EnrolRequest, HelloRequest } from '@flotilla/contracts';
import { isSpokeId, systemRandom } from '@flotilla/kernel';
import { AccountPusher, type SpokeMessage } from '@flotilla/messaging';
import { connectService, migrateService, type Platform, type ServiceConnection } from '@flotilla/platform';
import { DocumentCache, type ResourceKey } from '@flotilla/resources';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { RegisterClusterSecret } from './clusters/register-cluster-secret.js';
import { bindCluster } from './enrolment/bind-cluster.js';
import { ChangeCluster } from './enrolment/change-cluster.js';
import { CreateToken } from './enrolment/create-token.js';
import { EnrolSpoke } from './enrolment/enrol-spoke.js';
import { listTokens } from './enrolment/list-tokens.js';
import { PushRevocations, readRevocations } from './enrolment/push-revocations.js';
import { type RenewRequest, renewCredential } from './enrolment/renew-credential.js';
import { JudgeClusters } from './liveness/judge-clusters.js';
import type { RegistryConfig } from './registry.config.js';
import { registrySchema } from './registry.schema.js';
import { type RegistryUse, registryRoutes } from './routes.js';
import { SayHello } from './sessions/say-hello.js';
import { Sightings } from './sessions/sightings.js';
import { SpokeCredentials } from './spokes/spoke-credentials.js';

/** The registry at work. */
export interface Registry {
  /** Reasons why it cannot do its work now; empty when it can. */
  notReady(): string[];
  stop(): Promise<void>;
}

/** Liveness is decided this often at most; with short intervals, four times per beat. */
const MAX_JUDGE_INTERVAL_MS = 1_000;

/** Connects the registry, brings its schema up to date and puts its routes to work. */
export async function startRegistry(platform: Platform, config: RegistryConfig): Promise<Registry> {
  await migrateService(platform, registrySchema);
  const { store, database, trust, clock } = platform;
  const connection = await connectService(platform, 'registry');
  const { logger } = connection;
  const address = { servers: platform.config.natsUrls, caFile: platform.config.natsCaFile };
  const revocations = () => readRevocations(database, clock);
  const pusher = new AccountPusher({ address, trust, revocations, logger, clock });
  await pusher.start();
  const clusters = new DocumentCache<Cluster>(store, 'Cluster', {
    clock,
    onError: (error) => logger.warn('the watch of a kind broke', { kind: 'Cluster', error }),
  });
  const uses = usesOf(platform, config, { connection, clusters, push: () => pusher.push(), revocations });
  const judgeIntervalMs = Math.min(MAX_JUDGE_INTERVAL_MS, config.beatIntervalMs / 4);
  await connection.serve(registryRoutes(judgeIntervalMs), uses);
  return {
    notReady: () => (connection.isConnected() ? [] : ['no connection to nats']),
    stop: async () => {
      await connection.close();
      await Promise.all([clusters.stop(), pusher.stop()]);
    },
  };
}

interface Wires {
  connection: ServiceConnection;
  clusters: DocumentCache<Cluster>;
  push: () => Promise<void>;
  revocations: () => ReturnType<typeof readRevocations>;
}

function usesOf(platform: Platform, config: RegistryConfig, wires: Wires): Record<RegistryUse, unknown> {
  const { store, database, keyring, trust, clock } = platform;
  const { connection, clusters, push, revocations } = wires;
  const { bus, logger } = connection;
  const { signingKey } = keyring;
  const random = systemRandom;
  const sightings = new Sightings();
  const credentials = new SpokeCredentials(trust, config, clock);
  const change = new ChangeCluster({ store, credentials, push, clock, logger });
  const createToken = new CreateToken({ store, config, signingKey, clock, random });
  const enrol = new EnrolSpoke({ store, config, credentials, signingKey, clock, random });
  const hello = new SayHello({ store, bus, config, sightings, signingKey, clock, random, logger });
  const judge = new JudgeClusters({ store, clusters, sightings, leaseMs: config.leaseMs, clock, logger });
  const pushRevocations = new PushRevocations(revocations, push);
  const secrets = new RegisterClusterSecret({ store, keyring, clock, logger });
  return {
    enrol: (request: EnrolRequest) => enrol.run(request),
    renew: (request: RenewRequest) => renewCredential(database, credentials, request),
    createToken: (request: CreateTokenRequest) => createToken.run(request),
    listTokens: () => listTokens(store, clock),
    accept: (request: ClusterVerbRequest) => change.accept(request),
    revoke: (request: ClusterVerbRequest) => change.revoke(request),
    remove: (request: ClusterVerbRequest) => change.remove(request),
    confirmDelete: (request: ClusterVerbRequest) => change.confirmDelete(request),
    bind: (request: BindRequest) => bindCluster({ store, bus, clock }, request),
    hello: (message: SpokeMessage<HelloRequest>) => hello.run(message),
    beat: ({ spoke, content }: SpokeMessage<Beat>) => sightings.see(spoke, content.session, clock.now()),
    spokeConnected: ({ spoke, session }: { spoke: string; session: number }) => {
      if (isSpokeId(spoke)) sightings.begin(spoke, session, clock.now());
    },
    judge: () => judge.run(),
    pushRevocations: () => pushRevocations.run(),
    clusterSecret: (key: ResourceKey) => secrets.reconcile(key),
    clusterChanged: ({ name }: ResourceKey) => change.follow(name),
    applicationMoved: async (key: ResourceKey) => {
      await secrets.applicationMoved(key);
      return change.applicationMoved(key);
    },
  };
}

const REGISTRY = Symbol('registry');

/** Composition root of the registry: starts with the application, stops with it. */
@Module({})
export class RegistryModule implements OnApplicationShutdown {
  readonly #registry: Registry;

  constructor(@Inject(REGISTRY) registry: Registry) {
    this.#registry = registry;
  }

  static register(platform: Platform, config: RegistryConfig): DynamicModule {
    return { module: RegistryModule, providers: [{ provide: REGISTRY, useFactory: () => startRegistry(platform, config) }] };
  }

  notReady(): string[] {
    return this.#registry.notReady();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#registry.stop();
  }
}
