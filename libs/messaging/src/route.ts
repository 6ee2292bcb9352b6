import type { HubService, SpokeVerb } from '@flotilla/contracts';
import type { SpokeId } from '@flotilla/kernel';
import type { z } from 'zod';

/** What a handler may know of a message besides its content. */
export interface MessageContext {
  /** W3C traceparent from the message headers. */
  traceparent?: string;
  signal: AbortSignal;
}

/** A reply whose payload is raw bytes and whose JSON goes into META_HEADER (`desired`, `blobs`). */
export interface BinaryReply<T> {
  meta: T;
  bytes?: Uint8Array;
}

/**
 * The inbound surface of a service, one row per subject, key or timer. `use` names the use case in the composition
 * root's record. Requests and replies are checked against their schema at the edge; a request that does not fit is
 * answered with code `invalid` and logged, never thrown into the process.
 */
export type Route<Uses extends Record<string, unknown>> =
  | {
      verb: string;
      request: z.ZodType;
      reply: z.ZodType;
      use: keyof Uses;
      timeoutMs?: number;
      maxInFlight?: number;
      /** How many more may wait their turn; default four times as many. */
      maxWaiting?: number;
      /** One that waited longer is refused instead of done: who asked has given up by then. */
      maxWaitMs?: number;
    }
  | {
      spoke: SpokeVerb;
      request: z.ZodType;
      reply?: z.ZodType;
      binary?: boolean;
      use: keyof Uses;
      everyCopy?: boolean;
      maxInFlight?: number;
      /** How many more may wait their turn; as long as their sender waits for an answer, no longer. */
      maxWaiting?: number;
    }
  | { event: string; content?: z.ZodType; use: keyof Uses; everyCopy?: boolean }
  | { every: number; use: keyof Uses; singleton?: string }
  /**
   * Keys of these kinds, from the change log by cursor; reconciled one at a time per key. `ignoreStatus`: a document of which
   * nothing but the status moved is not named. `changesOnly`: what is there already is not named, at the start or after a watch broke;
   * for use cases that wait for changes of a few among very many, and look at those by themselves now and then.
   */
  | { kinds: readonly string[]; use: keyof Uses; concurrency?: number; resyncMs?: number; ignoreStatus?: boolean; changesOnly?: boolean };

/** Identity of the speaker is the subject the server's permissions forced: never a field. */
export interface SpokeMessage<T> {
  spoke: SpokeId;
  content: T;
}

/** Calls inside the hub and to spokes. */
export abstract class MessageBus {
  /** Asks one copy of a service. Throws UnavailableError when nobody answers in time (default 5 s). */
  abstract ask<T>(service: HubService, verb: string, request: unknown, options?: { timeoutMs?: number; reply?: z.ZodType<T> }): Promise<T>;
  /** Says an event (CloudEvents 1.0, JSON) after the commit it tells of; nobody may rely on it. */
  abstract emit(subject: string, content: unknown): void;
  /** Publishes to one spoke. */
  abstract tellSpoke(spoke: SpokeId, verb: 'wake' | 'ask', content: unknown): void;
  /** Listens to the answers of one `ask` token; ends with the last answer, the signal or the timeout. */
  abstract answers(spoke: SpokeId, token: string, options: { timeoutMs: number; signal?: AbortSignal }): AsyncIterable<unknown>;
}
