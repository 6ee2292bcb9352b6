import { confirmDeletesReplySchema, confirmDeletesRequestSchema, generateReplySchema, generateRequestSchema } from '@flotilla/contracts';
import type { Route } from '@flotilla/messaging';
import type { ExpanderUses } from './create-expander.js';

/** Every set is looked at again so often, whatever was missed. */
const RESYNC_MS = 10 * 60_000;

/** Everything that reaches the expander. */
export const routes: readonly Route<ExpanderUses>[] = [
  { kinds: ['ApplicationSet'], use: 'wake', resyncMs: RESYNC_MS },
  { kinds: ['Application'], use: 'wake', concurrency: 8, ignoreStatus: true },
  { kinds: ['Cluster', 'GitSource', 'AppProject'], use: 'wake', concurrency: 8 },
  { verb: 'generate', request: generateRequestSchema, reply: generateReplySchema, use: 'generate', timeoutMs: 300_000, maxInFlight: 8 },
  { verb: 'confirm-deletes', request: confirmDeletesRequestSchema, reply: confirmDeletesReplySchema, use: 'confirmDeletes' },
];
