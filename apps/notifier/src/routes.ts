import { CHANGES_MOVED, notifierVerbs } from '@flotilla/contracts';
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
  { verb: 'receipts', ...notifierVerbs.receipts, use: 'receipts' },
  { verb: 'test', ...notifierVerbs.test, use: 'test', timeoutMs: 45_000, maxInFlight: 4 },
  {
    verb: 'preview',
    ...notifierVerbs.preview,
    use: 'preview',
    timeoutMs: 15_000,
    maxInFlight: 4,
  },
  { verb: 'replay', ...notifierVerbs.replay, use: 'replay' },
  { verb: 'check', ...notifierVerbs.check, use: 'check' },
];
