import { z } from 'zod';
import { type RestRoute, route } from './rest-route.js';

/** A message and what became of it. Nothing of its text. */
export const notifyReceiptSchema = z.object({
  id: z.string(),
  state: z.enum(['waiting', 'sending', 'sent', 'dead']),
  type: z.enum(['message', 'collapsed', 'test']),
  trigger: z.string(),
  template: z.string(),
  service: z.string(),
  recipient: z.string(),
  /** `Application/argocd/shop`; absent for what is about no document. */
  about: z.string().optional(),
  createdAt: z.string(),
  /** When it was sent, or became a dead letter. */
  endedAt: z.string().optional(),
  attempts: z.number().int(),
  /** An attempt was begun whose end is not known: the recipient may have it twice. */
  mayBeDuplicate: z.boolean(),
  /** The provider's own id of the message. */
  providerId: z.string().optional(),
  threadId: z.string().optional(),
  detail: z.string().optional(),
  /** Of the last attempt that failed. */
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  nextAttemptAt: z.string().optional(),
});

export const notifyFindingSchema = z.object({
  severity: z.enum(['error', 'warning']),
  key: z.string(),
  line: z.number().int().optional(),
  message: z.string(),
});

/** What would be sent. */
export const notifyPreviewSchema = z.object({
  conditions: z.array(
    z.object({ trigger: z.string(), when: z.string(), holds: z.boolean(), oncePer: z.string().optional(), problem: z.string().optional() }),
  ),
  messages: z.array(
    z.object({
      template: z.string(),
      service: z.string(),
      title: z.string(),
      body: z.string(),
      parts: z.unknown().optional(),
      error: z.string().optional(),
    }),
  ),
  /** Who the document's subscriptions would tell. */
  destinations: z.array(z.object({ trigger: z.string(), service: z.string(), recipient: z.string() })),
});

/** Which messages are asked for. */
export const notifyReceiptsFilterSchema = z.object({
  state: notifyReceiptSchema.shape.state.optional(),
  service: z.string().optional(),
  /** Name of the document a message is about. */
  name: z.string().optional(),
  limit: z.number().int().min(1).max(500).optional(),
});
/** A query has text only. */
const receiptsQuery = notifyReceiptsFilterSchema.extend({ limit: z.coerce.number().int().min(1).max(500).optional() });
const testRequest = z.object({ service: z.string(), recipient: z.string().default('') });
/** What shall be rendered, for whom. */
export const notifyPreviewRequestSchema = z.object({
  kind: z.enum(['Application', 'FleetRollout', 'Cluster']).default('Application'),
  namespace: z.string(),
  name: z.string(),
  trigger: z.string().optional(),
  template: z.string().optional(),
  service: z.string().optional(),
  recipient: z.string().optional(),
});

/** What people ask of the notifier. */
export const NOTIFY_ROUTES: readonly RestRoute[] = [
  route(
    'listNotifications',
    'GET',
    '/v1/notifications',
    'Messages of the notifier, newest first: who, when, provider id, state, attempts',
    {
      query: receiptsQuery,
      response: z.object({ items: z.array(notifyReceiptSchema) }),
    },
  ),
  route('testNotification', 'POST', '/v1/notifications/test', 'Send one message through a service now', {
    request: testRequest,
    response: notifyReceiptSchema,
  }),
  route('previewNotification', 'POST', '/v1/notifications/preview', 'What a trigger or template gives for a document; sends nothing', {
    request: notifyPreviewRequestSchema,
    response: notifyPreviewSchema,
  }),
  route('checkNotifications', 'GET', '/v1/notifications/check', 'What is wrong with the configuration of notifications', {
    response: z.object({ findings: z.array(notifyFindingSchema) }),
  }),
  route('replayNotification', 'POST', '/v1/notifications/{id}/replay', 'Send a dead letter again', {
    response: z.object({ message: z.string() }),
  }),
];

export type NotifyReceipt = z.infer<typeof notifyReceiptSchema>;
export type NotifyPreview = z.infer<typeof notifyPreviewSchema>;
export type NotifyFinding = z.infer<typeof notifyFindingSchema>;
