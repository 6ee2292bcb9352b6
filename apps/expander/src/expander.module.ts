import type { BlobStore } from '@flotilla/blobs';
import { type Clock, systemClock } from '@flotilla/kernel';
import type { MasterKeyring } from '@flotilla/keyring';
import { connectHub, type NatsAddress, NatsMessageBus, NatsTransport, NatsTrust } from '@flotilla/messaging';
import type { ResourceStore } from '@flotilla/resources';
import type { Logger } from '@flotilla/telemetry';
import { type DynamicModule, Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { createExpander, type ExpanderUses } from './create-expander.js';
import type { ExpanderConfig } from './expander.config.js';
import { routes } from './routes.js';

/** What the process gives the expander. Schemas `resources` and `blobs` are migrated. */
export interface ExpanderDependencies {
  config: ExpanderConfig;
  store: ResourceStore;
  blobs: BlobStore;
  keyring: MasterKeyring;
  nats: NatsAddress;
  logger: Logger;
  clock?: Clock;
}

export interface ExpanderService {
  readonly transport: NatsTransport<ExpanderUses>;
  /** Reasons why it cannot work now; empty when it can. */
  notReady(): string[];
  close(): Promise<void>;
}

/** Connects and wires the expander; `transport.listen` puts it to work. */
export async function startExpander(dependencies: ExpanderDependencies): Promise<ExpanderService> {
  const { config, store, blobs, keyring, nats, logger, clock = systemClock } = dependencies;
  const links = await connectHub({ service: 'expander', address: nats, trust: new NatsTrust(keyring), logger });
  const expander = createExpander(config, { store, blobs, bus: new NatsMessageBus(links, clock), clock, logger });
  return {
    transport: new NatsTransport({ routes, uses: expander.uses, links, logger, clock, store }),
    notReady: () => (links.hub.isConnected() ? [] : ['no connection to nats']),
    close: async () => {
      await expander.stop();
      await links.close();
    },
  };
}

const EXPANDER = Symbol('Expander');

/** The expander as a Nest module: starts with the application, stops with it. */
@Module({})
export class ExpanderModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #expander: ExpanderService;

  constructor(@Inject(EXPANDER) expander: ExpanderService) {
    this.#expander = expander;
  }

  static register(dependencies: ExpanderDependencies): DynamicModule {
    return { module: ExpanderModule, providers: [{ provide: EXPANDER, useFactory: () => startExpander(dependencies) }] };
  }

  notReady(): string[] {
    return this.#expander.notReady();
  }

  onApplicationBootstrap(): Promise<void> {
    return new Promise((resolve, reject) => this.#expander.transport.listen((error) => (error ? reject(error) : resolve())));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#expander.transport.close();
    await this.#expander.close();
  }
}
