import { z } from 'zod';
import { callProvider, nameTarget } from './call-provider.js';
import type { Channel, Message, PreviousMessage, SendContext, Sent } from './channel.js';
import { addressOption, caOption, verifyOption } from './service-options.schema.js';
import { readSlackAnswer, SlackError } from './slack-answer.js';
import { buildSlackMessage, slackContentSchema } from './slack-message.js';

export const slackConfigSchema = z.object({
  token: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]+$/, 'is empty or no token; name a key of argocd-notifications-secret that holds one')
    .meta({ description: 'Bot token with the scope chat:write' }),
  username: z.string().optional().meta({ description: 'Shown as the sender; needs the scope chat:write.customize' }),
  icon: z.string().optional().meta({ description: '`:emoji:` or the https address of an image; needs the scope chat:write.customize' }),
  apiURL: addressOption.default('https://slack.com/api/').meta({ description: 'Base address of the Web API' }),
  disableUnfurl: z.boolean().default(false).meta({ description: 'Links get no preview' }),
  ca: caOption,
  insecureSkipVerify: verifyOption,
  // Argo CD's other keys: taken so that its files read without a warning, and without effect here.
  signingSecret: z.string().optional().meta({ description: 'Not used: nothing of Slack calls back' }),
  channels: z.array(z.string()).optional().meta({ description: 'Not used, as in Argo CD' }),
});
export type SlackConfig = z.infer<typeof slackConfigSchema>;

export const slackPartsSchema = slackContentSchema.extend({
  username: z.string().optional().meta({ description: "Instead of the service's" }),
  icon: z.string().optional().meta({ description: "Instead of the service's" }),
  groupingKey: z.string().optional().meta({ description: 'Messages with the same rendered key share a thread' }),
  notifyBroadcast: z.boolean().default(false).meta({ description: 'Replies in a thread are shown in the channel too' }),
  deliveryPolicy: z
    .enum(['Post', 'PostAndUpdate', 'Update'])
    .optional()
    .meta({ description: "What a later message of a thread does: reply, reply and rewrite the thread's first message, or only rewrite" }),
});
export type SlackParts = z.infer<typeof slackPartsSchema>;

/** What a message before this one was gone or may no longer be changed says; a new one takes its place. */
const GONE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'thread_not_found', 'cannot_reply_to_message']);

/**
 * Slack's Web API with a bot token: `chat.postMessage`, and `chat.update` for messages that show a state. Plain calls instead of
 * @slack/web-api: its client repeats and queues by itself, beyond the address rules and deadlines that hold for all outbound calls.
 */
export const slackChannel: Channel<SlackConfig, SlackParts> = {
  type: 'slack',
  schema: slackConfigSchema,

  readMessage: ({ slack }) => (slack === undefined ? undefined : z.object({ slack: slackPartsSchema }).parse({ slack }).slack),

  checkRecipient: (recipient) =>
    /^#?[^\s#,:<>"]{1,80}$/.test(recipient) ? undefined : 'is no channel name or id: write `my-channel`, `#my-channel` or `C0123456789`',

  keysOf: ({ groupingKey }) => (groupingKey === undefined || groupingKey === '' ? {} : { groupKey: groupingKey }),

  async send(config, message, context) {
    const call = new SlackCall(config, message, context);
    const root = context.update ?? context.thread;
    const policy = message.parts?.deliveryPolicy ?? (message.parts?.groupingKey ? 'Post' : defaultPolicy(context));
    if (policy === 'Post' || !root?.providerId) return call.post(context.thread);
    const updated = await call.update(root.providerId);
    if (!updated) return call.post(undefined);
    if (policy === 'Update') return updated;
    // The rewrite goes first: it may be repeated when the reply fails, and the other way round a repetition would reply twice.
    const reply = await call.post(context.thread ?? { threadId: updated.threadId });
    return { ...updated, detail: `${updated.detail}, ${reply.detail}` };
  },
};

/** Rewriting the thread's first message notifies nobody, so its news is a reply too; a later message of the thread just shows its state. */
function defaultPolicy({ update, thread }: SendContext): NonNullable<SlackParts['deliveryPolicy']> {
  if (!update?.providerId) return 'Post';
  return update.providerId === thread?.providerId ? 'PostAndUpdate' : 'Update';
}

class SlackCall {
  readonly #to: string;
  readonly #content: Readonly<Record<string, unknown>>;

  constructor(
    readonly config: SlackConfig,
    readonly message: Message<SlackParts>,
    readonly context: SendContext,
  ) {
    this.#to = nameTarget(context.service, message.recipient);
    this.#content = { ...buildSlackMessage(this.#to, message, context) };
  }

  async post(thread: PreviousMessage | undefined): Promise<Sent> {
    const threadId = thread?.threadId;
    try {
      const { channel, ts } = readPosted(
        await this.#call('chat.postMessage', {
          ...sender(this.config, this.message.parts),
          channel: this.message.recipient,
          ...(threadId === undefined ? {} : { thread_ts: threadId, reply_broadcast: this.message.parts?.notifyBroadcast ?? false }),
          ...(this.config.disableUnfurl ? { unfurl_links: false, unfurl_media: false } : {}),
        }),
      );
      const detail = `${threadId === undefined ? 'posted to' : 'replied in a thread of'} ${this.message.recipient}`;
      return { providerId: `${channel}:${ts}`, threadId: threadId ?? ts, detail };
    } catch (error) {
      if (threadId !== undefined && isGone(error)) return this.post(undefined);
      throw error;
    }
  }

  /** Undefined when the message is gone or can no longer be changed. */
  async update(providerId: string): Promise<Sent | undefined> {
    const [channel = '', ts = ''] = providerId.split(':');
    try {
      await this.#call('chat.update', { channel, ts });
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
    return { providerId, threadId: this.context.thread?.threadId ?? ts, detail: `rewrote the message in ${this.message.recipient}` };
  }

  async #call(method: string, fields: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
    const url = new URL(method, this.config.apiURL.endsWith('/') ? this.config.apiURL : `${this.config.apiURL}/`);
    const response = await callProvider(
      {
        to: this.#to,
        url: url.href,
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', accept: 'application/json' },
        body: JSON.stringify({ ...fields, ...this.#content }),
        credential: { origin: url.origin, authorization: `Bearer ${this.config.token}` },
        ca: this.config.ca,
      },
      this.context,
    );
    return readSlackAnswer(this.#to, response, this.context.now);
  }
}

function sender(config: SlackConfig, parts: SlackParts | undefined): Record<string, string> {
  const username = parts?.username || config.username;
  const icon = parts?.icon || config.icon;
  return {
    ...(username ? { username } : {}),
    ...(icon && /^:.+:$/.test(icon) ? { icon_emoji: icon } : {}),
    ...(icon && /^https?:\/\//.test(icon) ? { icon_url: icon } : {}),
  };
}

function readPosted({ channel, ts }: Readonly<Record<string, unknown>>): { channel: string; ts: string } {
  return { channel: typeof channel === 'string' ? channel.slice(0, 64) : '', ts: typeof ts === 'string' ? ts.slice(0, 64) : '' };
}

function isGone(error: unknown): boolean {
  return error instanceof SlackError && GONE.has(error.slackError);
}
