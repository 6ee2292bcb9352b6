import { connectService, type Platform } from '@flotilla/platform';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { createExpander } from './create-expander.js';
import type { ExpanderConfig } from './expander.config.js';
import { createHosts } from './inputs/host-inputs.js';
import { routes } from './routes.js';

/** The expander at work. */
export interface ExpanderService {
  /** Reasons why it cannot do its work now; empty when it can. */
  notReady(): string[];
  stop(): Promise<void>;
}

/** Connects the expander and puts its routes to work; it has no schema of its own. */
export async function startExpander(platform: Platform, config: ExpanderConfig): Promise<ExpanderService> {
  const { store, blobs, keyring, clock } = platform;
  const connection = await connectService(platform, 'expander');
  const { bus, logger } = connection;
  const hosts = createHosts({ store, keyring, clock, allow: config.allowAddresses });
  const expander = createExpander(config, { store, blobs, bus, clock, logger, hosts });
  await connection.serve(routes, expander.uses);
  return {
    notReady: () => (connection.isConnected() ? [] : ['no connection to nats']),
    stop: () => connection.close(() => expander.stop()),
  };
}

const EXPANDER = Symbol('Expander');

/** The expander as a Nest module: works from its creation on, stops with the application. */
@Module({})
export class ExpanderModule implements OnApplicationShutdown {
  readonly #expander: ExpanderService;

  constructor(@Inject(EXPANDER) expander: ExpanderService) {
    this.#expander = expander;
  }

  static register(platform: Platform, config: ExpanderConfig): DynamicModule {
    return { module: ExpanderModule, providers: [{ provide: EXPANDER, useFactory: () => startExpander(platform, config) }] };
  }

  notReady(): string[] {
    return this.#expander.notReady();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#expander.stop();
  }
}
