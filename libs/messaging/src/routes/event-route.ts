import { inSpan } from '@flotilla/telemetry';
import type { Msg } from '@nats-io/transport-node';
import type { Route } from '../route.js';
import { contentOfEvent, parseJson, TRACEPARENT_HEADER } from '../wire.js';
import { InFlight } from './in-flight.js';
import type { RouteScope, RunningRoute, UseCase } from './route-scope.js';

export type EventRoute = Extract<Route<Record<string, unknown>>, { event: string }>;

const MAX_IN_FLIGHT = 16;
const MAX_WAITING = 1_000;

/** Hears one kind of event: one copy of the service each, or with `everyCopy` all. A hint that does not fit is dropped. */
export function serveEvent(route: EventRoute, use: UseCase, scope: RouteScope): RunningRoute {
  const { service, hub } = scope.links;
  const inFlight = new InFlight(MAX_IN_FLIGHT, MAX_WAITING);
  const subscription = hub.connection.subscribe(route.event, {
    ...(route.everyCopy ? {} : { queue: service }),
    callback: (error, message) => {
      if (error) scope.logger.error('cannot hear an event', { event: route.event, error });
      else if (!inFlight.run(() => handle(message, route, use, scope))) scope.logger.debug('dropped an event', { event: route.event });
    },
  });
  return {
    stop: async () => {
      subscription.unsubscribe();
      await inFlight.idle();
    },
  };
}

async function handle(message: Msg, route: EventRoute, use: UseCase, scope: RouteScope): Promise<void> {
  const traceparent = message.headers?.get(TRACEPARENT_HEADER) || undefined;
  try {
    await inSpan(`event ${route.event}`, { traceparent, kind: 'consumer' }, async () => {
      const content = contentOfEvent(parseJson(message.data));
      await use(route.content ? route.content.parse(content) : content, { traceparent, signal: scope.signal });
    });
  } catch (error) {
    scope.logger.warn('an event was not taken', { event: route.event, error });
  }
}
