import {
  anySpokeSubject,
  MAX_PART_BYTES,
  MAX_STATUS_BYTES,
  META_HEADER,
  type Refusal,
  refusalSchema,
  SPOKE_REQUEST_TIMEOUT_MS,
  spokeInbox,
  spokeSubject,
} from '@flotilla/contracts';
import { codeOf, FlotillaError, InvalidInputError, isObject, isSpokeId, messageOf, type SpokeId } from '@flotilla/kernel';
import { inSpan, meter } from '@flotilla/telemetry';
import { headers, type Msg } from '@nats-io/transport-node';
import type { BinaryReply, Route } from '../route.js';
import { parseJson, TRACEPARENT_HEADER } from '../wire.js';
import { InFlight } from './in-flight.js';
import type { RouteScope, RunningRoute, UseCase } from './route-scope.js';

export type SpokeRoute = Extract<Route<Record<string, unknown>>, { spoke: string }>;

const DEFAULT_MAX_IN_FLIGHT = 64;
/** Messages of one spoke and verb at once: an agent has one or two, and one that floods must not take everybody's place. */
const MAX_PER_SPOKE = 16;

/** Hears one verb of every spoke. Whose message it is, is in the subject the server's permissions forced, and nowhere else. */
export function serveSpokeVerb(route: SpokeRoute, use: UseCase, scope: RouteScope): RunningRoute {
  const { service, spokes } = scope.links;
  if (!spokes) throw new InvalidInputError(`${service} has no connection to the spokes, so it cannot serve ${route.spoke}`);
  const inFlight = new InFlight(route.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT, route.maxWaiting);
  const dropped = meter().createCounter('flotilla_spoke_messages_dropped', { description: 'Messages of spokes left alone, by reason' });
  const drop = (reason: string, spoke?: SpokeId): void => {
    dropped.add(1, { verb: route.spoke, reason });
    // The line is as frequent as its attacker wants, so it stays below the default level.
    scope.logger.debug('left a message of a spoke alone', { verb: route.spoke, reason, spoke });
  };
  const perSpoke = new Map<SpokeId, number>();
  const count = (spoke: SpokeId, change: number): void => {
    const left = (perSpoke.get(spoke) ?? 0) + change;
    if (left > 0) perSpoke.set(spoke, left);
    else perSpoke.delete(spoke);
  };
  /** False when it is refused. A spoke that was not answered in time asks again: only that answer is heard. */
  const take = (spoke: SpokeId, work: () => Promise<void>): boolean => {
    if ((perSpoke.get(spoke) ?? 0) >= MAX_PER_SPOKE) return false;
    const until = scope.clock.now() + SPOKE_REQUEST_TIMEOUT_MS;
    const run = async (): Promise<void> => {
      try {
        if (route.reply && scope.clock.now() > until) drop('late', spoke);
        else await work();
      } finally {
        count(spoke, -1);
      }
    };
    count(spoke, 1);
    const isTaken = inFlight.run(run, () => count(spoke, -1));
    if (!isTaken) count(spoke, -1);
    return isTaken;
  };
  const subscription = spokes.connection.subscribe(anySpokeSubject(route.spoke), {
    ...(route.everyCopy ? {} : { queue: service }),
    callback: (error, message) => {
      if (error) {
        scope.logger.error('cannot hear the spokes', { verb: route.spoke, error });
        return;
      }
      const spoke = spokeOf(message.subject, route);
      if (!spoke) drop('subject');
      else if (route.reply && !isOwnInbox(message.reply, spoke)) drop('reply-subject', spoke);
      else if (take(spoke, () => handle(message, spoke, route, use, scope))) return;
      else {
        drop('too-many', spoke);
        // An unacknowledged batch is sent again by itself; an answer would make the spoke try sooner.
        if (route.reply && route.spoke !== 'status') refuse(message, route, { code: 'unavailable', message: 'the hub is busy; try again' });
      }
    },
  });
  return {
    stop: async () => {
      subscription.unsubscribe();
      await inFlight.idle();
    },
  };
}

/**
 * The server does not check reply subjects, and the hub may publish to every spoke's inbox: without this rule one
 * spoke could steer a reply of the hub into another's.
 */
export function isOwnInbox(reply: string | undefined, spoke: SpokeId): boolean {
  if (reply === undefined || !/^[A-Za-z0-9_.-]{1,250}$/.test(reply)) return false;
  return reply.startsWith(`${spokeInbox(spoke)}.`);
}

function spokeOf(subject: string, route: SpokeRoute): SpokeId | undefined {
  const id = subject.split('.')[3];
  return isSpokeId(id) && subject === spokeSubject(id, route.spoke) ? id : undefined;
}

async function handle(message: Msg, spoke: SpokeId, route: SpokeRoute, use: UseCase, scope: RouteScope): Promise<void> {
  const operation = `spoke.${route.spoke}`;
  const traceparent = message.headers?.get(TRACEPARENT_HEADER) || undefined;
  try {
    const reply = await scope.metrics.observe(operation, () =>
      inSpan(operation, { traceparent, kind: 'server' }, async () => {
        const content = parseContent(message.data, route);
        return use({ spoke, content }, { traceparent, signal: scope.signal });
      }),
    );
    if (route.reply) respond(message, route, reply);
  } catch (error) {
    const refusal = toRefusal(error);
    const fields = { verb: route.spoke, spoke, code: refusal.code, error };
    if (error instanceof FlotillaError)
      scope.logger.info('refused a message of a spoke', { ...fields, error: undefined, reason: error.message });
    else scope.logger.error('a message of a spoke failed', fields);
    if (route.reply) refuse(message, route, refusal);
  }
}

function parseContent(bytes: Uint8Array, route: SpokeRoute): unknown {
  const limit = route.spoke === 'status' ? MAX_STATUS_BYTES : MAX_PART_BYTES;
  if (bytes.length > limit) throw new InvalidInputError(`${route.spoke} has ${bytes.length} bytes; at most ${limit} are read`);
  const content = route.request.safeParse(parseJson(bytes));
  if (!content.success) throw new InvalidInputError(`${route.spoke} is not as agreed: ${content.error.message}`);
  return content.data;
}

function respond(message: Msg, route: SpokeRoute, reply: unknown): void {
  if (!route.binary) {
    message.respond(JSON.stringify(route.reply?.parse(reply)));
    return;
  }
  if (!isObject(reply) || !('meta' in reply)) throw new TypeError(`the use case of ${route.spoke} returned no binary reply`);
  const { meta, bytes = new Uint8Array() } = reply as unknown as BinaryReply<unknown>;
  if (bytes.length > MAX_PART_BYTES) throw new TypeError(`a part of ${bytes.length} bytes exceeds ${MAX_PART_BYTES}`);
  const values = headers();
  values.set(META_HEADER, JSON.stringify(route.reply?.parse(meta)));
  message.respond(bytes, { headers: values });
}

function refuse(message: Msg, route: SpokeRoute, error: Refusal): void {
  if (!route.binary) {
    message.respond(JSON.stringify({ error }));
    return;
  }
  const values = headers();
  values.set(META_HEADER, JSON.stringify({ error }));
  message.respond(new Uint8Array(), { headers: values });
}

/** A product error keeps its code where a spoke knows it; anything else is the hub's trouble: unavailable, without its text. */
function toRefusal(error: unknown): Refusal {
  const known = refusalSchema.shape.code.safeParse(codeOf(error));
  if (known.success) return { code: known.data, message: messageOf(error) };
  return { code: 'unavailable', message: 'the hub could not do it now; try again' };
}
