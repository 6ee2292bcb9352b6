import { type Clock, InvalidInputError, systemClock } from '@flotilla/kernel';
import type { ResourceStore } from '@flotilla/resources';
import { type Logger, RedMetrics } from '@flotilla/telemetry';
import type { HubLinks } from './nats/connect-hub.js';
import type { Route } from './route.js';
import { serveEvent } from './routes/event-route.js';
import { serveKinds } from './routes/kinds-route.js';
import type { HoldSingleton, RouteScope, RunningRoute, UseCase } from './routes/route-scope.js';
import { serveSpokeVerb } from './routes/spoke-route.js';
import { serveTimer } from './routes/timer-route.js';
import { serveVerb } from './routes/verb-route.js';

export interface ServeRoutesOptions<Uses extends Record<string, unknown>> {
  routes: readonly Route<Uses>[];
  /** A function `(input, context: MessageContext) => reply` per name the routes use. */
  uses: Uses;
  links: HubLinks;
  logger: Logger;
  clock?: Clock;
  /** Needed by `kinds` routes. */
  store?: ResourceStore;
  /** Needed by singleton timers. */
  holdSingleton?: HoldSingleton;
}

/** The routes of a service at work. */
export interface RunningRoutes {
  /** Takes nothing more, lets what is in work finish, and gives up on it after five seconds. */
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 5_000;

/** Puts a service's whole inbound surface to work. Subscriptions are known to the server when it resolves. */
export async function serveRoutes<Uses extends Record<string, unknown>>(options: ServeRoutesOptions<Uses>): Promise<RunningRoutes> {
  const { routes, uses, links, logger, clock = systemClock, store, holdSingleton } = options;
  const stopping = new AbortController();
  const scope: RouteScope = {
    links,
    logger,
    clock,
    metrics: new RedMetrics('flotilla_message'),
    signal: stopping.signal,
    store,
    holdSingleton,
  };
  const running = (routes as readonly Route<Record<string, unknown>>[]).map((route) => serve(route, useOf(uses, route), scope));
  await Promise.all([links.hub, links.spokes].map((link) => link?.connection.flush()));
  return {
    stop: async () => {
      const giveUp = setTimeout(() => stopping.abort(), STOP_GRACE_MS);
      await Promise.all(running.map((route) => route.stop()));
      clearTimeout(giveUp);
      stopping.abort();
    },
  };
}

function serve(route: Route<Record<string, unknown>>, use: UseCase, scope: RouteScope): RunningRoute {
  if ('verb' in route) return serveVerb(route, use, scope);
  if ('spoke' in route) return serveSpokeVerb(route, use, scope);
  if ('event' in route) return serveEvent(route, use, scope);
  if ('every' in route) return serveTimer(route, use, scope);
  return serveKinds(route, use, scope);
}

function useOf(uses: Record<string, unknown>, route: Route<Record<string, unknown>>): UseCase {
  const use = uses[route.use];
  if (typeof use !== 'function') throw new InvalidInputError(`the routes use ${JSON.stringify(route.use)}, which is no function`);
  return (input, context) => use.call(uses, input, context);
}
