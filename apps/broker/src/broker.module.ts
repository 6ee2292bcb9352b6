import { connectService, migrateService, type Platform } from '@flotilla/platform';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { BrokerConfig } from './broker.config.js';
import { brokerSchema } from './broker.schema.js';
import { createBroker } from './create-broker.js';
import { brokerRoutes } from './routes.js';

/** The broker at work. */
export interface BrokerService {
  /** Reasons why it cannot do its work now; empty when it can. */
  notReady(): string[];
  stop(): Promise<void>;
}

/** Connects the broker, brings its schema up to date and puts its routes to work. */
export async function startBroker(platform: Platform, config: BrokerConfig): Promise<BrokerService> {
  await migrateService(platform, brokerSchema);
  const { database, store, blobs, keyring, clock } = platform;
  const connection = await connectService(platform, 'broker');
  const { bus, logger } = connection;
  const broker = createBroker(config, { database, store, blobs, keyring, bus, clock, logger });
  await connection.serve(brokerRoutes, broker.uses);
  return {
    notReady: () => (connection.isConnected() ? [] : ['no connection to nats']),
    stop: () => connection.close(() => broker.stop()),
  };
}

const BROKER = Symbol('broker');

/** Composition root of the broker: starts with the application, stops with it. */
@Module({})
export class BrokerModule implements OnApplicationShutdown {
  readonly #broker: BrokerService;

  constructor(@Inject(BROKER) broker: BrokerService) {
    this.#broker = broker;
  }

  static register(platform: Platform, config: BrokerConfig): DynamicModule {
    return { module: BrokerModule, providers: [{ provide: BROKER, useFactory: () => startBroker(platform, config) }] };
  }

  notReady(): string[] {
    return this.#broker.notReady();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#broker.stop();
  }
}
