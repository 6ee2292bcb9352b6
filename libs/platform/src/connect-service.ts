import { CHANGES_MOVED, type HubService } from '@flotilla/contracts';
import {
  connectHub,
  type HubLinks,
  type MessageBus,
  NatsMessageBus,
  type Route,
  type RunningRoutes,
  serveRoutes,
} from '@flotilla/messaging';
import { createLogger, type Logger } from '@flotilla/telemetry';
import type { Platform } from './open-platform.js';

/** A service's connections to NATS, and its inbound surface once it serves. */
export interface ServiceConnection {
  service: HubService;
  links: HubLinks;
  bus: MessageBus;
  logger: Logger;
  /** Puts the routes of the service to work. */
  serve<Uses extends Record<string, unknown>>(routes: readonly Route<Uses>[], uses: Uses): Promise<RunningRoutes>;
  isConnected(): boolean;
  /**
   * Takes nothing more, lets what is in work end, then `stopWork` its queues. Whoever still waits for another service
   * when the grace is over gets an error instead of an answer, so that a stop always ends.
   */
  close(stopWork?: () => Promise<void>): Promise<void>;
}

const CLOSE_GRACE_MS = 8_000;

/** Connects a service; tailers of other processes hear of its commits, and it of theirs. */
export async function connectService(platform: Platform, service: HubService): Promise<ServiceConnection> {
  const { config, trust, store, clock, holdSingleton } = platform;
  const logger = createLogger({ service, level: config.logLevel });
  const links = await connectHub({ service, address: { servers: config.natsUrls, caFile: config.natsCaFile }, trust, logger });
  const bus = new NatsMessageBus(links, clock);
  const stopTelling = platform.onCommitted((kinds) => bus.emit(CHANGES_MOVED, { kinds }));
  const hints = links.hub.connection.subscribe(CHANGES_MOVED, { callback: () => store.wake() });
  const running: RunningRoutes[] = [];
  return {
    service,
    links,
    bus,
    logger,
    serve: async (routes, uses) => {
      const served = await serveRoutes({ routes, uses, links, logger, clock, store, holdSingleton });
      running.push(served);
      return served;
    },
    isConnected: () => links.hub.isConnected() && (links.spokes?.isConnected() ?? true),
    close: async (stopWork) => {
      const ended = new AbortController();
      const ending = Promise.all(running.map((served) => served.stop())).then(() => stopWork?.());
      const grace = clock.sleep(CLOSE_GRACE_MS, ended.signal).catch(() => undefined);
      try {
        await Promise.race([ending, grace]);
      } finally {
        ended.abort();
        stopTelling();
        hints.unsubscribe();
        await links.close();
      }
      await ending;
    },
  };
}
