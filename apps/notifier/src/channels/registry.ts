import type { Channel } from './channel.js';
import { emailChannel } from './email.channel.js';
import { slackChannel } from './slack.channel.js';
import { slackWebhookChannel } from './slack-webhook.channel.js';
import { webhookChannel } from './webhook.channel.js';

/** Every channel, by its `type`. Adding one touches its own file and this list. */
export const CHANNELS: readonly Channel[] = [slackChannel, slackWebhookChannel, emailChannel, webhookChannel];

export function findChannel(type: string, channels: readonly Channel[] = CHANNELS): Channel | undefined {
  return channels.find((channel) => channel.type === type);
}
