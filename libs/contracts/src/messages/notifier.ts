import { z } from 'zod';
import {
  notifyFindingSchema,
  notifyPreviewRequestSchema,
  notifyPreviewSchema,
  notifyReceiptSchema,
  notifyReceiptsFilterSchema,
} from '../rest/notify-routes.js';
import { orRefused } from './hub.js';

/** notifier `receipts`: messages, newest first. */
const notifyReceiptsReplySchema = z.object({ items: z.array(notifyReceiptSchema) });

/** notifier `test`: sends one message now; answered when the service has answered. */
const notifyTestRequestSchema = z.object({ service: z.string(), recipient: z.string(), actor: z.string() });
const notifyTestReplySchema = orRefused(notifyReceiptSchema);

/** notifier `preview`: what a trigger or template gives for a document as it is now. Sends nothing; secrets are masked. */
const notifyPreviewReplySchema = orRefused(notifyPreviewSchema);

/** notifier `replay`: a dead letter is due again with all its attempts. */
const notifyReplayRequestSchema = z.object({ id: z.string(), actor: z.string() });
const notifyReplayReplySchema = orRefused(z.object({ message: z.string() }));

/** notifier `check`: what is wrong with the configuration in force. */
const notifyCheckRequestSchema = z.object({});
const notifyCheckReplySchema = z.object({ findings: z.array(notifyFindingSchema) });

/** Requests and replies of the notifier by verb. */
export const notifierVerbs = {
  receipts: { request: notifyReceiptsFilterSchema, reply: notifyReceiptsReplySchema },
  test: { request: notifyTestRequestSchema, reply: notifyTestReplySchema },
  preview: { request: notifyPreviewRequestSchema, reply: notifyPreviewReplySchema },
  replay: { request: notifyReplayRequestSchema, reply: notifyReplayReplySchema },
  check: { request: notifyCheckRequestSchema, reply: notifyCheckReplySchema },
} as const;

type NotifierVerb = keyof typeof notifierVerbs;
export type NotifierRequest<V extends NotifierVerb> = z.infer<(typeof notifierVerbs)[V]['request']>;
export type NotifierReply<V extends NotifierVerb> = z.infer<(typeof notifierVerbs)[V]['reply']>;
