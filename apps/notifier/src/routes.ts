import {
  CHANGES_MOVED,
  notifyCheckReplySchema,
  notifyCheckRequestSchema,
  notifyPreviewReplySchema,
  notifyPreviewRequestSchema,
  notifyReceiptsReplySchema,
  notifyReceiptsRequestSchema,
  notifyReplayReplySchema,
  notifyReplayRequestSchema,
  notifyTestReplySchema,
  notifyTestRequestSchema,
} from '@flotilla/contracts';
import type { Route } from '@flotilla/messaging';
import type { NotifierUses } from './create-notifier.js';

/** Between looks at the log and at messages that are due when no hint came. */
const POLL_MS = 1_000;
/** Conditions that read the clock are asked again so often. */
const SWEEP_MS = 60_000;
const PRUNE_MS = 3_600_000;

/** Everything that reaches the notifier. */
export const routes: readonly Route<NotifierUses>[] = [
  { event: CHANGES_MOVED, use: 'moved', everyCopy: true },
  { every: POLL_MS, use: 'poll' },
  { every: SWEEP_MS, use: 'sweep', singleton: 'notifier-sweep' },
  { every: PRUNE_MS, use: 'prune', singleton: 'notifier-prune' },
  { verb: 'receipts', request: notifyReceiptsRequestSchema, reply: notifyReceiptsReplySchema, use: 'receipts' },
  { verb: 'test', request: notifyTestRequestSchema, reply: notifyTestReplySchema, use: 'test', timeoutMs: 45_000, maxInFlight: 4 },
  {
    verb: 'preview',
    request: notifyPreviewRequestSchema,
    reply: notifyPreviewReplySchema,
    use: 'preview',
    timeoutMs: 15_000,
    maxInFlight: 4,
  },
  { verb: 'replay', request: notifyReplayRequestSchema, reply: notifyReplayReplySchema, use: 'replay' },
  { verb: 'check', request: notifyCheckRequestSchema, reply: notifyCheckReplySchema, use: 'check' },
];
