import {
  confirmDeletesReplySchema,
  confirmDeletesRequestSchema,
  confirmProjectDeleteRequestSchema,
  explainReplySchema,
  generateReplySchema,
  generateRequestSchema,
  traceRequestSchema,
} from '@flotilla/contracts';
import type { Route } from '@flotilla/messaging';
import type { ExpanderUses } from './create-expander.js';
import { DECISION_KINDS } from './inputs/decision-inputs.js';

/** Every set is looked at again so often, whatever was missed. */
const RESYNC_MS = 10 * 60_000;

/** Everything that reaches the expander. */
export const routes: readonly Route<ExpanderUses>[] = [
  // The status is our own.
  { kinds: ['ApplicationSet'], use: 'wake', resyncMs: RESYNC_MS, ignoreStatus: true },
  { kinds: ['Application'], use: 'wake', concurrency: 8, ignoreStatus: true },
  { kinds: ['Cluster', 'GitSource', 'AppProject', 'ConfigMap', ...DECISION_KINDS], use: 'wake', concurrency: 8 },
  { kinds: ['AppProject'], use: 'project', resyncMs: RESYNC_MS },
  { kinds: ['FleetRollout'], use: 'rollout', concurrency: 4, resyncMs: RESYNC_MS },
  { verb: 'generate', request: generateRequestSchema, reply: generateReplySchema, use: 'generate', timeoutMs: 300_000, maxInFlight: 8 },
  { verb: 'plan', request: generateRequestSchema, reply: explainReplySchema, use: 'plan', timeoutMs: 300_000, maxInFlight: 4 },
  { verb: 'trace', request: traceRequestSchema, reply: explainReplySchema, use: 'trace', timeoutMs: 300_000, maxInFlight: 4 },
  { verb: 'confirm-deletes', request: confirmDeletesRequestSchema, reply: confirmDeletesReplySchema, use: 'confirmDeletes' },
  { verb: 'restore', request: confirmDeletesRequestSchema, reply: confirmDeletesReplySchema, use: 'restore' },
  {
    verb: 'confirm-project-delete',
    request: confirmProjectDeleteRequestSchema,
    reply: confirmDeletesReplySchema,
    use: 'confirmProjectDelete',
  },
];
