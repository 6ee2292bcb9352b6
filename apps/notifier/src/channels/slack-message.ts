import { isObject } from '@flotilla/kernel';
import { z } from 'zod';
import { ChannelError } from './channel.errors.js';
import type { Message, SendContext } from './channel.js';

/** Slack's own limits: longer texts are cut there, more blocks or attachments refused. */
const MAX_TEXT = 40_000;
const MAX_BLOCKS = 50;
const MAX_ATTACHMENTS = 100;

const list = z.union([z.string(), z.array(z.record(z.string(), z.unknown()))]);

/** What both Slack channels send. `blocks` and `attachments` are Slack's own JSON: a rendered text as in Argo CD, or YAML lists. */
export const slackContentSchema = z.object({
  attachments: list.optional().meta({ description: "Slack's attachments, JSON text or a list" }),
  blocks: list.optional().meta({ description: "Slack's Block Kit blocks, JSON text or a list" }),
});
export type SlackContent = z.infer<typeof slackContentSchema>;

export interface SlackBody {
  text: string;
  blocks: readonly unknown[];
  attachments: readonly unknown[];
}

/**
 * The message in Slack's words. Without blocks of its own it shows its links below the text; what may have come before says so.
 * @throws ChannelError when the rendered parts are not what Slack takes; sending them again would not help
 */
export function buildSlackMessage(to: string, message: Message<SlackContent>, context: SendContext): SlackBody {
  const blocks = readList(to, 'blocks', message.parts?.blocks, MAX_BLOCKS);
  const attachments = readList(to, 'attachments', message.parts?.attachments, MAX_ATTACHMENTS);
  const hasOwnLook = blocks.length > 0 || attachments.length > 0;
  const lines = [message.body.trimEnd() || message.title];
  if (!hasOwnLook) lines.push(...message.links.map(({ title, url }) => `<${escapeUrl(url)}|${escapeText(title)}>`));
  const repeated = 'This may have been sent before.';
  if (context.isPossibleDuplicate && blocks.length === 0) lines.push(`_${repeated}_`);
  return {
    text: cut(lines.join('\n')),
    blocks:
      context.isPossibleDuplicate && blocks.length > 0 && blocks.length < MAX_BLOCKS
        ? [...blocks, { type: 'context', elements: [{ type: 'mrkdwn', text: `_${repeated}_` }] }]
        : blocks,
    attachments,
  };
}

function readList(to: string, field: string, value: SlackContent['blocks'], most: number): readonly unknown[] {
  const refuse = (cause: string) => new ChannelError(`${to}: slack.${field} ${cause}`, { code: `slack-invalid-${field}`, retry: 'never' });
  if (value === undefined || (typeof value === 'string' && value.trim() === '')) return [];
  let parsed: unknown = value;
  if (typeof value === 'string') {
    try {
      parsed = JSON.parse(value);
    } catch {
      // The parser's own words quote the text around the fault.
      throw refuse('is no JSON after rendering; quote values with `toJson` in the template');
    }
  }
  if (!Array.isArray(parsed) || !parsed.every(isObject)) throw refuse('must be a JSON list of objects after rendering');
  if (parsed.length > most) throw refuse(`holds ${parsed.length} items; Slack takes ${most}`);
  return parsed;
}

/** The three characters Slack reads as control characters. */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('|', '¦');
}

function escapeUrl(url: string): string {
  return url.replace(/[<>|\s]/g, (character) => encodeURIComponent(character));
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}
