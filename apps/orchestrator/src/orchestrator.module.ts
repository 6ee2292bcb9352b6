import { connectService, migrateService, type Platform } from '@flotilla/platform';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { createOrchestrator } from './create-orchestrator.js';
import type { OrchestratorConfig } from './orchestrator.config.js';
import { orchestratorSchema } from './orchestrator.schema.js';
import { orchestratorRoutes } from './routes.js';

/** The orchestrator at work. */
export interface Orchestrator {
  /** Reasons why it cannot do its work now; empty when it can. */
  notReady(): string[];
  stop(): Promise<void>;
}

/** Connects the orchestrator, brings its schema up to date and puts its routes to work. */
export async function startOrchestrator(platform: Platform, config: OrchestratorConfig): Promise<Orchestrator> {
  await migrateService(platform, orchestratorSchema);
  const connection = await connectService(platform, 'orchestrator');
  const { database, store, statuses, blobs, keyring, clock } = platform;
  const { bus, logger } = connection;
  const { uses, stop } = createOrchestrator({
    config,
    fleet: platform.config.fleet,
    database,
    store,
    statuses,
    blobs,
    keyring,
    bus,
    clock,
    logger,
  });
  await connection.serve(orchestratorRoutes, uses);
  return {
    notReady: () => (connection.isConnected() ? [] : ['no connection to nats']),
    stop: () => connection.close(stop),
  };
}

const ORCHESTRATOR = Symbol('orchestrator');

/** Composition root of the orchestrator: starts with the application, stops with it. */
@Module({})
export class OrchestratorModule implements OnApplicationShutdown {
  readonly #orchestrator: Orchestrator;

  constructor(@Inject(ORCHESTRATOR) orchestrator: Orchestrator) {
    this.#orchestrator = orchestrator;
  }

  static register(platform: Platform, config: OrchestratorConfig): DynamicModule {
    return {
      module: OrchestratorModule,
      providers: [{ provide: ORCHESTRATOR, useFactory: () => startOrchestrator(platform, config) }],
    };
  }

  notReady(): string[] {
    return this.#orchestrator.notReady();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#orchestrator.stop();
  }
}
