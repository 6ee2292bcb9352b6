import {
  directoriesRequestSchema,
  filesRequestSchema,
  listingReplySchema,
  pushedReplySchema,
  pushedRequestSchema,
  renderReplySchema,
  renderRequestSchema,
  resolveReplySchema,
  resolveRequestSchema,
} from '@flotilla/contracts';
import type { Route } from '@flotilla/messaging';
import type { RendererUses } from './create-renderer.js';

/** Repositories that are due are looked for so often; how often each is asked is configuration. */
const POLL_TICK_MS = 2_000;
const SWEEP_MS = 60_000;
const MIRROR_SWEEP_MS = 3_600_000;

/** Everything that reaches the renderer. */
export const routes: readonly Route<RendererUses>[] = [
  { verb: 'resolve', request: resolveRequestSchema, reply: resolveReplySchema, use: 'resolve', timeoutMs: 180_000 },
  { verb: 'render', request: renderRequestSchema, reply: renderReplySchema, use: 'render', timeoutMs: 300_000 },
  { verb: 'directories', request: directoriesRequestSchema, reply: listingReplySchema, use: 'directories', timeoutMs: 180_000 },
  { verb: 'files', request: filesRequestSchema, reply: listingReplySchema, use: 'files', timeoutMs: 180_000 },
  { verb: 'pushed', request: pushedRequestSchema, reply: pushedReplySchema, use: 'pushed' },
  { kinds: ['Application', 'ApplicationSet'], use: 'keepSources', concurrency: 4, ignoreStatus: true },
  { kinds: ['GitSource'], use: 'firstRevision', concurrency: 8 },
  { every: POLL_TICK_MS, use: 'poll', singleton: 'renderer.poll' },
  { every: SWEEP_MS, use: 'sweep', singleton: 'renderer.sweep' },
  // Each copy has mirrors of its own.
  { every: MIRROR_SWEEP_MS, use: 'sweepMirrors' },
];
