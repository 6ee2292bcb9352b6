import type { Clock } from '@flotilla/kernel';
import type { ResourceStore } from '@flotilla/resources';
import type { Logger, RedMetrics } from '@flotilla/telemetry';
import type { HubLinks } from '../nats/connect-hub.js';
import type { MessageContext } from '../route.js';

/** A use case as the composition root hands it over. */
export type UseCase = (input: unknown, context: MessageContext) => unknown;

/** Runs `work` in one process at a time for as long as `signal` allows; `work`'s own signal aborts when the singleton is lost. */
export type HoldSingleton = (name: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>) => Promise<void>;

/** What every kind of route needs to run. */
export interface RouteScope {
  links: HubLinks;
  logger: Logger;
  clock: Clock;
  metrics: RedMetrics;
  /** Aborts when the service stops. */
  signal: AbortSignal;
  store?: ResourceStore;
  holdSingleton?: HoldSingleton;
}

/** A route that runs; stopping takes no more messages and waits for those in work. */
export interface RunningRoute {
  stop(): Promise<void>;
}
