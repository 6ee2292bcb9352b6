import { connectService, migrateService, type Platform } from '@flotilla/platform';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CHANNELS } from './channels/registry.js';
import { createNotifier } from './create-notifier.js';
import type { NotifierConfig } from './notifier.config.js';
import { notifierSchema } from './notifier.schema.js';
import { routes } from './routes.js';

/** The notifier at work. */
export interface NotifierService {
  /** Reasons why it cannot do its work now; empty when it can. */
  notReady(): string[];
  stop(): Promise<void>;
}

/** Connects the notifier, brings its schema up to date and puts its routes to work. */
export async function startNotifier(platform: Platform, config: NotifierConfig): Promise<NotifierService> {
  await migrateService(platform, notifierSchema);
  const connection = await connectService(platform, 'notifier');
  const { database, store, keyring, clock } = platform;
  const notifier = createNotifier(config, {
    database,
    store,
    keyring,
    channels: CHANNELS,
    clock,
    random: Math.random,
    logger: connection.logger,
  });
  await connection.serve(routes, notifier.uses);
  return {
    notReady: () => (connection.isConnected() ? [] : ['no connection to nats']),
    stop: () => connection.close(() => notifier.stop()),
  };
}

const NOTIFIER = Symbol('Notifier');

/** The notifier as a Nest module: works from its creation on, stops with the application. */
@Module({})
export class NotifierModule implements OnApplicationShutdown {
  readonly #notifier: NotifierService;

  constructor(@Inject(NOTIFIER) notifier: NotifierService) {
    this.#notifier = notifier;
  }

  static register(platform: Platform, config: NotifierConfig): DynamicModule {
    return { module: NotifierModule, providers: [{ provide: NOTIFIER, useFactory: () => startNotifier(platform, config) }] };
  }

  notReady(): string[] {
    return this.#notifier.notReady();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#notifier.stop();
  }
}
