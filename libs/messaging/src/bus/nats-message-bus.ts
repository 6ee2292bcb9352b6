import { randomUUID } from 'node:crypto';
import { answerSchema, type HubService, hubSubject, spokePrefix, spokeSubject, verbErrorSchema } from '@flotilla/contracts';
import { type Clock, InvalidInputError, messageOf, type SpokeId, UnavailableError } from '@flotilla/kernel';
import { currentTraceparent } from '@flotilla/telemetry';
import { headers, type Msg, type MsgHdrs, NoRespondersError, RequestError } from '@nats-io/transport-node';
import type { z } from 'zod';
import type { HubLinks } from '../nats/connect-hub.js';
import { serviceInbox } from '../nats/nats-permissions.js';
import { MessageBus } from '../route.js';
import { ERROR_HEADER, fromVerbError, parseJson, TRACEPARENT_HEADER } from '../wire.js';
import { AnswerStream } from './answer-stream.js';
import { attendedRequest, SilentServerError } from './attended-request.js';

const DEFAULT_TIMEOUT_MS = 5_000;
/** A service that is just starting takes this long to be asked again. */
const NOBODY_THERE_PAUSE_MS = 100;
/** Asks with a longer limit are told every two seconds that they are in work, and give up when they are not told for so long. */
const SILENCE_MS = 10_000;
const TOKEN = /^[A-Za-z0-9_-]{1,64}$/;

export class NatsMessageBus extends MessageBus {
  readonly #links: HubLinks;
  readonly #clock: Clock;
  readonly #silenceMs: number;
  /** Asks under way; their answers went with the connection when it is lost. */
  readonly #asking = new Set<() => void>();

  constructor(links: HubLinks, clock: Clock, options: { silenceMs?: number } = {}) {
    super();
    this.#links = links;
    this.#clock = clock;
    this.#silenceMs = options.silenceMs ?? SILENCE_MS;
    void this.#watchConnection();
  }

  async ask<T>(
    service: HubService,
    verb: string,
    request: unknown,
    options: { timeoutMs?: number; reply?: z.ZodType<T> } = {},
  ): Promise<T> {
    const message = await this.#request(service, verb, JSON.stringify(request ?? null), options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const reply = parseJson(message.data);
    if (message.headers?.get(ERROR_HEADER)) {
      const failure = verbErrorSchema.safeParse((reply as { error?: unknown } | undefined)?.error);
      throw fromVerbError(failure.success ? failure.data : { code: 'internal', message: `${service} ${verb} failed without a reason` });
    }
    if (!options.reply) return reply as T;
    const checked = options.reply.safeParse(reply);
    if (!checked.success) throw new InvalidInputError(`${service} ${verb} answered in another form than agreed: ${checked.error.message}`);
    return checked.data;
  }

  emit(subject: string, content: unknown): void {
    const { connection, isConnected } = this.#links.hub;
    // A hint that waits for a reconnect is worth nothing and would only fill memory.
    if (!isConnected()) return;
    const event = {
      specversion: '1.0',
      id: randomUUID(),
      source: `flotilla/${this.#links.service}`,
      type: subject,
      time: new Date(this.#clock.now()).toISOString(),
      datacontenttype: 'application/json',
      data: content,
    };
    connection.publish(subject, JSON.stringify(event), { headers: traceHeaders() });
  }

  tellSpoke(spoke: SpokeId, verb: 'wake' | 'ask', content: unknown): void {
    const { connection, isConnected } = this.#spokes();
    if (isConnected()) connection.publish(spokeSubject(spoke, verb), JSON.stringify(content), { headers: traceHeaders() });
  }

  answers(spoke: SpokeId, token: string, options: { timeoutMs: number; signal?: AbortSignal }): AsyncIterable<unknown> {
    if (!TOKEN.test(token)) throw new InvalidInputError('a token of an ask has 1 to 64 letters, digits, - or _');
    const stream = new AnswerStream(`spoke ${spoke}`, options);
    const subscription = this.#spokes().connection.subscribe(`${spokePrefix(spoke)}.answer.${token}.>`, {
      callback: (error, message) => {
        if (error) stream.fail(new UnavailableError(`cannot hear the answers: ${messageOf(error)}`));
        else stream.push(answerSchema.safeParse(parseJsonOrNothing(message.data)));
      },
    });
    stream.onEnd(() => subscription.unsubscribe());
    return stream;
  }

  async #request(service: HubService, verb: string, payload: string, timeoutMs: number): Promise<Msg> {
    const { connection, isConnected } = this.#links.hub;
    const until = this.#clock.now() + timeoutMs;
    for (;;) {
      if (connection.isClosed()) throw new UnavailableError(`${service} ${verb}: this process is stopping`, { service, verb });
      // What is asked of a connection that is away may go with it unnoticed.
      if (!isConnected() && this.#clock.now() + NOBODY_THERE_PAUSE_MS < until) {
        await this.#clock.sleep(NOBODY_THERE_PAUSE_MS);
        continue;
      }
      const timeout = Math.max(1, until - this.#clock.now());
      try {
        return await this.#orLost(this.#send(hubSubject(service, verb), payload, timeout));
      } catch (cause) {
        if (cause instanceof ConnectionLostError || cause instanceof SilentServerError)
          throw new UnavailableError(`${service} ${verb}: ${cause.message}`, { service, verb }, cause);
        const isNobodyThere = cause instanceof NoRespondersError || (cause instanceof RequestError && cause.isNoResponders());
        if (!isNobodyThere || this.#clock.now() + NOBODY_THERE_PAUSE_MS >= until) {
          const why = isNobodyThere ? 'no copy of it is running' : messageOf(cause);
          throw new UnavailableError(`${service} did not answer ${verb} within ${timeoutMs} ms: ${why}`, { service, verb }, cause);
        }
        await this.#clock.sleep(NOBODY_THERE_PAUSE_MS);
      }
    }
  }

  #send(subject: string, payload: string, timeoutMs: number): Promise<Msg> {
    const { service, hub } = this.#links;
    if (timeoutMs <= this.#silenceMs) return hub.connection.request(subject, payload, { timeout: timeoutMs, headers: traceHeaders() });
    const inboxPrefix = serviceInbox(service);
    const request = { subject, payload, headers: traceHeaders() ?? headers(), inboxPrefix, timeoutMs, silenceMs: this.#silenceMs };
    return attendedRequest(hub.connection, request);
  }

  async #watchConnection(): Promise<void> {
    for await (const { type } of this.#links.hub.connection.status())
      if (type === 'disconnect') for (const fail of [...this.#asking]) fail();
    // The states end when the connection is closed for good.
    for (const fail of [...this.#asking]) fail();
  }

  /** NATS keeps no reply for somebody who was away: waiting for it until the timeout would only lose time. */
  #orLost(request: Promise<Msg>): Promise<Msg> {
    return new Promise((resolve, reject) => {
      const lost = (): void => reject(new ConnectionLostError());
      this.#asking.add(lost);
      request.then(resolve, reject).finally(() => this.#asking.delete(lost));
    });
  }

  #spokes(): NonNullable<HubLinks['spokes']> {
    if (!this.#links.spokes) throw new InvalidInputError(`${this.#links.service} has no connection to the spokes`);
    return this.#links.spokes;
  }
}

class ConnectionLostError extends Error {
  constructor() {
    super('the connection to nats was lost before the answer came; whether the work was done is not known');
  }
}

function traceHeaders(): MsgHdrs | undefined {
  const traceparent = currentTraceparent();
  if (!traceparent) return undefined;
  const values = headers();
  values.set(TRACEPARENT_HEADER, traceparent);
  return values;
}

function parseJsonOrNothing(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes);
  } catch {
    return undefined;
  }
}
