import { z } from 'zod';
import { callProvider, nameTarget } from './call-provider.js';
import type { Channel } from './channel.js';
import { addressOption, caOption } from './service-options.schema.js';
import { nameOf, slackError } from './slack-answer.js';
import { buildSlackMessage, type SlackContent, slackContentSchema } from './slack-message.js';

export const slackWebhookConfigSchema = z.object({
  url: addressOption.meta({ description: "The incoming webhook's address, a secret: `$key`" }),
  ca: caOption,
});
export type SlackWebhookConfig = z.infer<typeof slackWebhookConfigSchema>;

/**
 * Slack's incoming webhook: it posts to the one channel it was made for, so the recipient is only a name for people, and gives no id
 * back, so that there are neither threads nor updates. Its part of a template is `slack`, as for the Web API.
 */
export const slackWebhookChannel: Channel<SlackWebhookConfig, SlackContent> = {
  type: 'slack-webhook',
  schema: slackWebhookConfigSchema,

  readMessage: ({ slack }) => (slack === undefined ? undefined : z.object({ slack: slackContentSchema }).parse({ slack }).slack),

  async send({ url, ca }, message, context) {
    const to = nameTarget(context.service, message.recipient);
    const { text, blocks, attachments } = buildSlackMessage(to, message, context);
    const body = { text, ...(blocks.length > 0 ? { blocks } : {}), ...(attachments.length > 0 ? { attachments } : {}) };
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const response = await callProvider({ to, url, method: 'POST', headers, body: JSON.stringify(body), ca }, context);
    const answer = response.body.toString('utf8').trim();
    // A proxy's page comes with 200 too; Slack's own word is `ok`.
    if (response.status !== 200 || answer !== 'ok') throw slackError(to, nameOf(answer), response, context.now);
    return { detail: "posted through the channel's incoming webhook" };
  },
};
