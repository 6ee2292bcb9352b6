import { connectService, migrateService, type Platform } from '@flotilla/platform';
import { sandbox } from '@flotilla/sandbox';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { createRenderer } from './create-renderer.js';
import type { RendererConfig } from './renderer.config.js';
import { rendererSchema } from './renderer.schema.js';
import { PgRenderCacheStore } from './rendering/render-cache.store.pg.js';
import { routes } from './routes.js';
import { PgAnnouncementStore } from './sources/announcement.store.pg.js';

/** The renderer at work. */
export interface RendererService {
  /** Reasons why it cannot do its work now; empty when it can. */
  notReady(): string[];
  /** For /readyz: `full`, or `reduced` and what is missing. */
  readonly sandbox: string;
  stop(): Promise<void>;
}

/** Connects the renderer, brings its schema up to date and puts its routes to work. */
export async function startRenderer(platform: Platform, config: RendererConfig): Promise<RendererService> {
  await migrateService(platform, rendererSchema);
  const { store, blobs, database, keyring, clock } = platform;
  const connection = await connectService(platform, 'renderer');
  const { logger } = connection;
  const box = await sandbox();
  if (box.mode === 'reduced') logger.warn('renders run in a reduced sandbox', { reason: box.reason });
  const stores = { cache: new PgRenderCacheStore(database), announcements: new PgAnnouncementStore(database) };
  const renderer = createRenderer(config, { store, blobs, keyring, ...stores, sandbox: box, logger, clock });
  await connection.serve(routes, renderer.uses);
  return {
    notReady: () => (connection.isConnected() ? [] : ['no connection to nats']),
    sandbox: box.reason === undefined ? box.mode : `${box.mode}: ${box.reason}`,
    stop: async () => {
      await connection.close(() => renderer.settle());
      renderer.close();
    },
  };
}

const RENDERER = Symbol('Renderer');

/** Composition root of the renderer: starts with the application, stops with it. */
@Module({})
export class RendererModule implements OnApplicationShutdown {
  readonly #renderer: RendererService;

  constructor(@Inject(RENDERER) renderer: RendererService) {
    this.#renderer = renderer;
  }

  static register(platform: Platform, config: RendererConfig): DynamicModule {
    return { module: RendererModule, providers: [{ provide: RENDERER, useFactory: () => startRenderer(platform, config) }] };
  }

  notReady(): string[] {
    return this.#renderer.notReady();
  }

  get sandbox(): string {
    return this.#renderer.sandbox;
  }

  onApplicationShutdown(): Promise<void> {
    return this.#renderer.stop();
  }
}
