import type { BlobStore } from '@flotilla/blobs';
import { type Clock, newUid, systemClock } from '@flotilla/kernel';
import type { MasterKeyring } from '@flotilla/keyring';
import { connectHub, type HoldSingleton, type NatsAddress, NatsTransport, NatsTrust } from '@flotilla/messaging';
import { type Database, holdLease, LeaseStore } from '@flotilla/persistence';
import type { ResourceStore } from '@flotilla/resources';
import { sandbox } from '@flotilla/sandbox';
import type { Logger } from '@flotilla/telemetry';
import { type DynamicModule, Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { createRenderer, type RendererUses } from './create-renderer.js';
import type { RendererConfig } from './renderer.config.js';
import { PgRenderCacheStore } from './rendering/render-cache.store.pg.js';
import { routes } from './routes.js';

/** What the process gives the renderer. Schemas `renderer`, `resources`, `blobs` and `leases` are migrated. */
export interface RendererDependencies {
  config: RendererConfig;
  store: ResourceStore;
  blobs: BlobStore;
  database: Database;
  keyring: MasterKeyring;
  nats: NatsAddress;
  logger: Logger;
  clock?: Clock;
}

export interface RendererService {
  readonly transport: NatsTransport<RendererUses>;
  /** Reasons why it cannot work now; empty when it can. */
  notReady(): string[];
  /** For /readyz: `full`, or `reduced` and what is missing. */
  readonly sandbox: string;
  close(): Promise<void>;
}

const SINGLETON_TTL_MS = 6_000;

/** Connects and wires the renderer; `transport.listen` puts it to work. */
export async function startRenderer(dependencies: RendererDependencies): Promise<RendererService> {
  const { config, store, blobs, database, keyring, nats, logger, clock = systemClock } = dependencies;
  const box = await sandbox();
  if (box.mode === 'reduced') logger.warn('renders run in a reduced sandbox', { reason: box.reason });
  const links = await connectHub({ service: 'renderer', address: nats, trust: new NatsTrust(keyring), logger });
  const cache = new PgRenderCacheStore(database);
  const renderer = createRenderer(config, { store, blobs, keyring, cache, sandbox: box, logger, clock });
  const holdSingleton = singletonsOf(database, clock, logger);
  return {
    transport: new NatsTransport({ routes, uses: renderer.uses, links, logger, clock, store, holdSingleton }),
    notReady: () => (links.hub.isConnected() ? [] : ['no connection to nats']),
    sandbox: box.reason === undefined ? box.mode : `${box.mode}: ${box.reason}`,
    close: async () => {
      renderer.close();
      await links.close();
    },
  };
}

function singletonsOf(database: Database, clock: Clock, logger: Logger): HoldSingleton {
  const store = new LeaseStore(database);
  const holder = newUid();
  const onError = (error: unknown) => logger.warn('a lease could not be held', { error });
  return (name, signal, work) =>
    holdLease({ store, name, holder, ttlMs: SINGLETON_TTL_MS, clock, signal, onError }, (_lease, held) => work(held));
}

const RENDERER = Symbol('Renderer');

/** The renderer as a Nest module: starts with the application, stops with it. */
@Module({})
export class RendererModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #renderer: RendererService;

  constructor(@Inject(RENDERER) renderer: RendererService) {
    this.#renderer = renderer;
  }

  static register(dependencies: RendererDependencies): DynamicModule {
    return { module: RendererModule, providers: [{ provide: RENDERER, useFactory: () => startRenderer(dependencies) }] };
  }

  notReady(): string[] {
    return this.#renderer.notReady();
  }

  get sandbox(): string {
    return this.#renderer.sandbox;
  }

  onApplicationBootstrap(): Promise<void> {
    return new Promise((resolve, reject) => this.#renderer.transport.listen((error) => (error ? reject(error) : resolve())));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#renderer.transport.close();
    await this.#renderer.close();
  }
}
