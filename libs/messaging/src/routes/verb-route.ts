import { hubSubject } from '@flotilla/contracts';
import { InvalidInputError, UnavailableError } from '@flotilla/kernel';
import { inSpan } from '@flotilla/telemetry';
import { headers, type Msg } from '@nats-io/transport-node';
import type { Route } from '../route.js';
import { ATTENDED_HEADER, ERROR_HEADER, parseJson, TRACEPARENT_HEADER, toVerbError } from '../wire.js';
import { InFlight } from './in-flight.js';
import type { RouteScope, RunningRoute, UseCase } from './route-scope.js';

export type VerbRoute = Extract<Route<Record<string, unknown>>, { verb: string }>;

const DEFAULT_MAX_IN_FLIGHT = 64;
const DEFAULT_TIMEOUT_MS = 30_000;

/** Askers of long work hear so often that it goes on; they give up after several times as long. */
const ATTEND_MS = 2_000;

/** Answers one verb of the service, sharing the load with its other copies. */
export function serveVerb(route: VerbRoute, use: UseCase, scope: RouteScope): RunningRoute {
  const { service, hub } = scope.links;
  const inFlight = new InFlight(route.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT, route.maxWaiting);
  const subscription = hub.connection.subscribe(hubSubject(service, route.verb), {
    queue: service,
    callback: (error, message) => {
      if (error) {
        scope.logger.error('cannot hear a verb', { verb: route.verb, error });
        return;
      }
      // From now on, not from its turn on: who waits behind long work would be given up for dead.
      const stopAttending = attend(message);
      const refuse = (why: string): void => {
        stopAttending();
        respondError(message, new UnavailableError(`${service} ${why}; try again`));
      };
      const until = scope.clock.now() + (route.maxWaitMs ?? Number.POSITIVE_INFINITY);
      const work = async (): Promise<void> => {
        if (scope.clock.now() > until) refuse(`could not get to ${route.verb} in time`);
        else await answer(message, route, use, scope).finally(stopAttending);
      };
      if (!inFlight.run(work, () => refuse('is stopping'))) refuse(`has too many ${route.verb} requests at once`);
    },
  });
  return {
    stop: async () => {
      subscription.unsubscribe();
      await inFlight.idle();
    },
  };
}

async function answer(message: Msg, route: VerbRoute, use: UseCase, scope: RouteScope): Promise<void> {
  const { logger, metrics, links } = scope;
  const operation = `${links.service}.${route.verb}`;
  const traceparent = message.headers?.get(TRACEPARENT_HEADER) || undefined;
  try {
    const reply = await metrics.observe(operation, () =>
      inSpan(operation, { traceparent, kind: 'server' }, async () => {
        const request = route.request.safeParse(parseJson(message.data) ?? undefined);
        if (!request.success) throw new InvalidInputError(`the request to ${operation} is not as agreed: ${request.error.message}`);
        const signal = AbortSignal.any([scope.signal, AbortSignal.timeout(route.timeoutMs ?? DEFAULT_TIMEOUT_MS)]);
        return route.reply.parse(await use(request.data, { traceparent, signal }));
      }),
    );
    respond(message, JSON.stringify(reply ?? null), scope);
  } catch (error) {
    const { code } = toVerbError(error);
    if (code === 'internal') logger.error('a verb failed', { verb: operation, error });
    else logger.debug('a verb was refused', { verb: operation, code });
    respondError(message, error);
  }
}

function attend(message: Msg): () => void {
  if (!message.headers?.get(ATTENDED_HEADER)) return () => undefined;
  const marks = headers();
  marks.set(ATTENDED_HEADER, '1');
  const timer = setInterval(() => message.respond(undefined, { headers: marks }), ATTEND_MS);
  return () => clearInterval(timer);
}

function respond(message: Msg, text: string, { links, logger }: RouteScope): void {
  const limit = links.hub.connection.info?.max_payload ?? 0;
  const bytes = Buffer.byteLength(text);
  if (limit === 0 || bytes <= limit) message.respond(text);
  else {
    logger.error('a reply is larger than a message may be', { subject: message.subject, bytes, limit });
    respondError(message, new InvalidInputError(`the reply has ${bytes} bytes, more than a message may have (${limit}); ask for less`));
  }
}

function respondError(message: Msg, error: unknown): void {
  const failure = toVerbError(error);
  const marks = headers();
  marks.set(ERROR_HEADER, failure.code);
  message.respond(JSON.stringify({ error: failure }), { headers: marks });
}
