import { type Answer, answerSchema, type HubService, hubSubject } from '@flotilla/contracts';
import { InvalidInputError, type SpokeId, UnavailableError } from '@flotilla/kernel';
import type { z } from 'zod';
import { MessageBus } from '../route.js';
import { fromVerbError, toVerbError } from '../wire.js';
import { AnswerStream } from './answer-stream.js';

type Answerer = (request: unknown) => unknown;

/** A bus in memory. Contents pass through JSON, as on the wire; whoever is not served is unavailable at once. */
export class FakeMessageBus extends MessageBus {
  /** Every event said, oldest first. */
  readonly emitted: { subject: string; content: unknown }[] = [];
  /** Everything told to spokes, oldest first. */
  readonly told: { spoke: SpokeId; verb: 'wake' | 'ask'; content: unknown }[] = [];
  readonly #verbs = new Map<string, Answerer>();
  readonly #listeners = new Map<string, ((content: unknown) => void)[]>();
  readonly #streams = new Map<string, AnswerStream>();

  /** Answers a verb from now on. */
  serve(service: HubService, verb: string, answer: Answerer): void {
    this.#verbs.set(hubSubject(service, verb), answer);
  }

  /** Hears an event from now on. */
  listen(subject: string, listener: (content: unknown) => void): void {
    this.#listeners.set(subject, [...(this.#listeners.get(subject) ?? []), listener]);
  }

  /** Speaks as a spoke that answers an `ask`. */
  answer(spoke: SpokeId, token: string, answer: Answer): void {
    this.#streams.get(`${spoke}/${token}`)?.push(answerSchema.safeParse(overTheWire(answer)));
  }

  async ask<T>(
    service: HubService,
    verb: string,
    request: unknown,
    options: { timeoutMs?: number; reply?: z.ZodType<T> } = {},
  ): Promise<T> {
    const answerer = this.#verbs.get(hubSubject(service, verb));
    if (!answerer) throw new UnavailableError(`${service} did not answer ${verb}: no copy of it is running`, { service, verb });
    let reply: unknown;
    try {
      reply = overTheWire(await answerer(overTheWire(request)));
    } catch (error) {
      throw fromVerbError(toVerbError(error));
    }
    if (!options.reply) return reply as T;
    const checked = options.reply.safeParse(reply);
    if (!checked.success) throw new InvalidInputError(`${service} ${verb} answered in another form than agreed: ${checked.error.message}`);
    return checked.data;
  }

  emit(subject: string, content: unknown): void {
    this.emitted.push({ subject, content: overTheWire(content) });
    for (const listener of this.#listeners.get(subject) ?? []) listener(overTheWire(content));
  }

  tellSpoke(spoke: SpokeId, verb: 'wake' | 'ask', content: unknown): void {
    this.told.push({ spoke, verb, content: overTheWire(content) });
  }

  answers(spoke: SpokeId, token: string, options: { timeoutMs: number; signal?: AbortSignal }): AsyncIterable<unknown> {
    const stream = new AnswerStream(`spoke ${spoke}`, options);
    this.#streams.set(`${spoke}/${token}`, stream);
    stream.onEnd(() => this.#streams.delete(`${spoke}/${token}`));
    return stream;
  }
}

function overTheWire(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
