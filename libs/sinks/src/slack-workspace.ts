import { checkSlackContent } from './check-slack-content.js';

export interface SlackChannel {
  id: string;
  name: string;
  isArchived?: boolean;
  /** The app was not invited and may not post. */
  isForeign?: boolean;
}

export interface SlackMessage {
  channel: string;
  ts: string;
  text: string;
  blocks: readonly unknown[];
  attachments: readonly unknown[];
  username?: string;
  icon?: string;
  threadTs?: string;
  isBroadcast: boolean;
  /** How often `chat.update` rewrote it. */
  edits: number;
}

type Fields = Readonly<Record<string, unknown>>;
export type SlackAnswer = Readonly<Record<string, unknown>> & { ok: boolean };

/** The channels and messages of a workspace, with the answers of `chat.postMessage` and `chat.update`. */
export class SlackWorkspace {
  readonly messages: SlackMessage[] = [];
  readonly #channels: readonly SlackChannel[];
  readonly #scopes: ReadonlySet<string>;
  #count = 0;

  constructor(channels: readonly SlackChannel[], scopes: readonly string[]) {
    this.#channels = channels;
    this.#scopes = new Set(scopes);
  }

  post(fields: Fields): SlackAnswer {
    const { username, icon_emoji, icon_url, thread_ts, reply_broadcast } = fields;
    if (!this.#scopes.has('chat:write')) return this.#missing('chat:write');
    if ((username ?? icon_emoji ?? icon_url) !== undefined && !this.#scopes.has('chat:write.customize'))
      return this.#missing('chat:write.customize');
    const channel = this.#find(fields.channel);
    if (!channel) return refuse('channel_not_found');
    if (channel.isArchived) return refuse('is_archived');
    if (channel.isForeign) return refuse('not_in_channel');
    const wrong = checkSlackContent(fields);
    if (wrong) return refuse(wrong.error, wrong.messages);
    if (thread_ts !== undefined && !this.#message(channel.id, thread_ts)) return refuse('thread_not_found');
    const message: SlackMessage = {
      channel: channel.id,
      ts: this.#nextTimestamp(),
      text: String(fields.text ?? ''),
      blocks: list(fields.blocks),
      attachments: list(fields.attachments),
      ...(username === undefined ? {} : { username: String(username) }),
      ...((icon_emoji ?? icon_url) === undefined ? {} : { icon: String(icon_emoji ?? icon_url) }),
      ...(thread_ts === undefined ? {} : { threadTs: String(thread_ts) }),
      isBroadcast: reply_broadcast === true,
      edits: 0,
    };
    this.messages.push(message);
    return { ok: true, channel: channel.id, ts: message.ts, message: { type: 'message', text: message.text, ts: message.ts } };
  }

  /** Takes ids only; blocks and attachments that are left out stay as they were. */
  update(fields: Fields): SlackAnswer {
    if (!this.#scopes.has('chat:write')) return this.#missing('chat:write');
    const channel = this.#channels.find(({ id }) => id === fields.channel);
    if (!channel) return refuse('channel_not_found');
    const message = this.#message(channel.id, fields.ts);
    if (!message) return refuse('message_not_found');
    const wrong = checkSlackContent(fields);
    if (wrong) return refuse(wrong.error, wrong.messages);
    if (fields.text !== undefined) message.text = String(fields.text);
    if (fields.blocks !== undefined) message.blocks = list(fields.blocks);
    if (fields.attachments !== undefined) message.attachments = list(fields.attachments);
    message.edits++;
    return { ok: true, channel: channel.id, ts: message.ts, text: message.text };
  }

  #find(channel: unknown): SlackChannel | undefined {
    return this.#channels.find(({ id, name }) => channel === id || channel === name || channel === `#${name}`);
  }

  #message(channel: string, ts: unknown): SlackMessage | undefined {
    return this.messages.find((message) => message.channel === channel && message.ts === ts);
  }

  #nextTimestamp(): string {
    this.#count++;
    return `1700000000.${String(this.#count).padStart(6, '0')}`;
  }

  #missing(needed: string): SlackAnswer {
    return { ok: false, error: 'missing_scope', needed, provided: [...this.#scopes].join(',') };
  }
}

export function refuse(error: string, messages?: readonly string[]): SlackAnswer {
  return { ok: false, error, ...(messages ? { errors: messages, response_metadata: { messages } } : {}) };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
