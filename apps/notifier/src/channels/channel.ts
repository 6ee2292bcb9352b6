import type { AddressPolicy, HttpClient } from '@flotilla/http';
import type { z } from 'zod';

/** A configured service: `service.<type>` has the type as its name, `service.<type>.<name>` the name behind it. */
export interface ServiceName {
  type: string;
  name: string;
}

/** A link that belongs to a message, for channels that show links of their own. */
export interface MessageLink {
  title: string;
  url: string;
}

/** What is sent once to one recipient. All text is rendered; none of it is a template any more. */
export interface Message<Parts = unknown> {
  /** One line without line breaks: a subject. */
  title: string;
  /** The template's `message`, else the title. */
  body: string;
  /** What `readMessage` returned for this channel with every string in it rendered; absent when the template has no part for it. */
  parts?: Parts;
  /** As the subscription wrote it behind the service: a channel, addresses, or empty. */
  recipient: string;
  links: readonly MessageLink[];
  /** Messages of one group belong together (one thread per rollout) and are sent one after the other. */
  groupKey?: string;
  /** Messages of one update key show the state of one thing: a later one may take the place of an earlier one. */
  updateKey?: string;
}

/** What an earlier message of the group came back with; `providerId` is the message's own id, `threadId` the thread's. */
export interface PreviousMessage {
  providerId?: string;
  threadId?: string;
}

export interface SendContext {
  service: ServiceName;
  /** The same for every attempt of one message, different for every message: at most 64 characters of `[0-9a-f]`. */
  idempotencyKey: string;
  /** 1 for the first. */
  attempt: number;
  /** An earlier attempt was begun and its end was never recorded: the recipient may have this message already. */
  isPossibleDuplicate: boolean;
  /** The message that opened the group at this recipient. */
  thread?: PreviousMessage;
  /** The newest message with the same update key at this recipient. */
  update?: PreviousMessage;
  /** The one way out over HTTP; its address policy and the service's limits are applied. */
  http: HttpClient;
  /** For channels that speak no HTTP: addresses are judged here and only the judged ones are connected to. */
  addresses: AddressPolicy;
  now: Date;
  /** Aborted at the attempt's deadline and at shutdown. */
  signal: AbortSignal;
}

/** What a receipt keeps. Ids are the provider's own (`channel:ts`, a message id), at most 512 characters; never a secret. */
export interface Sent {
  providerId?: string;
  threadId?: string;
  /** One line for people: `posted to #alerts`. */
  detail?: string;
}

/**
 * A way to reach people: one file, one schema, one test, one line in `registry.ts`.
 * Channels keep no state of their own: threads and updates come with the context.
 */
export interface Channel<Config = unknown, Parts = unknown> {
  /** As in `service.<type>[.<name>]`. */
  readonly type: string;
  /** The service's YAML after `$key` references were replaced; unknown keys are reported by name and dropped. */
  readonly schema: z.ZodType<Config>;
  /** Messages that one copy sends through one service at the same time; default 8. */
  readonly maxAtOnce?: number;
  /**
   * Picks and checks the channel's own part of a template (`slack`, `email`, `webhook.<name>`), before it is rendered:
   * strings in the answer are Go templates and are rendered by the caller. Undefined when the template has none.
   * @throws z.ZodError whose paths start at the template.
   */
  readMessage(template: Readonly<Record<string, unknown>>, service: ServiceName): Parts | undefined;
  /** Says why this recipient cannot be reached, in words that name the remedy; undefined when it can. */
  checkRecipient?(recipient: string): string | undefined;
  /** The group and update keys that a rendered part asks for itself (Slack's `groupingKey`); each wins over the message's own. */
  keysOf?(parts: Parts): { groupKey?: string; updateKey?: string };
  /** @throws ChannelError; anything else thrown is retried like `later`. */
  send(config: Config, message: Message<Parts>, context: SendContext): Promise<Sent>;
}
