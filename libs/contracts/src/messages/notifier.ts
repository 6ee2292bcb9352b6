import { z } from 'zod';
import { notifyFindingSchema, notifyPreviewSchema, notifyReceiptSchema } from '../rest/notify-routes.js';
import { verbErrorSchema } from './hub.js';

const orRefused = <T extends z.ZodType>(answer: T) => z.union([z.object({ error: verbErrorSchema }), answer]);

/** notifier `receipts`: messages, newest first. */
export const notifyReceiptsRequestSchema = z.object({
  state: z.enum(['waiting', 'sending', 'sent', 'dead']).optional(),
  service: z.string().optional(),
  /** Name of the document a message is about. */
  name: z.string().optional(),
  limit: z.number().int().min(1).max(500).optional(),
});
export const notifyReceiptsReplySchema = z.object({ items: z.array(notifyReceiptSchema) });

/** notifier `test`: sends one message now; answered when the service has answered. */
export const notifyTestRequestSchema = z.object({ service: z.string(), recipient: z.string(), actor: z.string() });
export const notifyTestReplySchema = orRefused(notifyReceiptSchema);

/** notifier `preview`: what a trigger or template gives for a document as it is now. Sends nothing; secrets are masked. */
export const notifyPreviewRequestSchema = z.object({
  kind: z.enum(['Application', 'FleetRollout', 'Cluster']).default('Application'),
  namespace: z.string(),
  name: z.string(),
  trigger: z.string().optional(),
  template: z.string().optional(),
  service: z.string().optional(),
  recipient: z.string().optional(),
});
export const notifyPreviewReplySchema = orRefused(notifyPreviewSchema);

/** notifier `replay`: a dead letter is due again with all its attempts. */
export const notifyReplayRequestSchema = z.object({ id: z.string(), actor: z.string() });
export const notifyReplayReplySchema = orRefused(z.object({ message: z.string() }));

/** notifier `check`: what is wrong with the configuration in force. */
export const notifyCheckRequestSchema = z.object({});
export const notifyCheckReplySchema = z.object({ findings: z.array(notifyFindingSchema) });

export type NotifyReceiptsRequest = z.infer<typeof notifyReceiptsRequestSchema>;
export type NotifyReceiptsReply = z.infer<typeof notifyReceiptsReplySchema>;
export type NotifyTestRequest = z.infer<typeof notifyTestRequestSchema>;
export type NotifyTestReply = z.infer<typeof notifyTestReplySchema>;
export type NotifyPreviewRequest = z.infer<typeof notifyPreviewRequestSchema>;
export type NotifyPreviewReply = z.infer<typeof notifyPreviewReplySchema>;
export type NotifyReplayRequest = z.infer<typeof notifyReplayRequestSchema>;
export type NotifyReplayReply = z.infer<typeof notifyReplayReplySchema>;
export type NotifyCheckReply = z.infer<typeof notifyCheckReplySchema>;
