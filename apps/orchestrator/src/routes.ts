import {
  beatSchema,
  blobsReplySchema,
  blobsRequestSchema,
  confirmDeletesRequestSchema,
  confirmRemovalReplySchema,
  desiredReplySchema,
  desiredRequestSchema,
  grantsOfManyReplySchema,
  grantsOfManySchema,
  grantsVerbReplySchema,
  grantsVerbSchema,
  planVerbReplySchema,
  planVerbSchema,
  positionReplySchema,
  positionRequestSchema,
  receiptsVerbReplySchema,
  receiptsVerbSchema,
  rolloutReadReplySchema,
  rolloutReadSchema,
  rolloutVerbReplySchema,
  rolloutVerbSchema,
  statusBatchSchema,
  statusReplySchema,
  syncVerbReplySchema,
  syncVerbSchema,
} from '@flotilla/contracts';
import type { Route } from '@flotilla/messaging';
import type { OrchestratorUses } from './create-orchestrator.js';

const RESYNC_MS = 10 * 60_000;
/** Due work of other copies and of time is found this often; what this copy makes due it starts at once. */
const WORK_EVERY_MS = 50;
/** One commit rings the doorbell of a whole fleet; a waiting request is a few hundred bytes. */
const MAX_WAITING_SPOKES = 20_000;
/** A plan renders what was never rendered before. */
const PLAN_TIMEOUT_MS = 300_000;

const rolloutVerb = (verb: 'pause' | 'resume' | 'approve' | 'reject' | 'abort' | 'retry' | 'rollback'): Route<OrchestratorUses> => ({
  verb,
  request: rolloutVerbSchema,
  reply: rolloutVerbReplySchema,
  use: verb,
});

/** The whole inbound surface of the orchestrator. */
export const orchestratorRoutes: readonly Route<OrchestratorUses>[] = [
  { verb: 'position', request: positionRequestSchema, reply: positionReplySchema, use: 'position', maxInFlight: 256 },
  { verb: 'plan', request: planVerbSchema, reply: planVerbReplySchema, use: 'plan', timeoutMs: PLAN_TIMEOUT_MS, maxInFlight: 4 },
  { verb: 'grants', request: grantsVerbSchema, reply: grantsVerbReplySchema, use: 'grants', maxInFlight: 256 },
  { verb: 'grants-of-many', request: grantsOfManySchema, reply: grantsOfManyReplySchema, use: 'grantsOfMany', maxInFlight: 16 },
  { verb: 'receipts', request: receiptsVerbSchema, reply: receiptsVerbReplySchema, use: 'receipts', maxInFlight: 4 },
  { verb: 'rollout', request: rolloutReadSchema, reply: rolloutReadReplySchema, use: 'rollout' },
  { verb: 'sync', request: syncVerbSchema, reply: syncVerbReplySchema, use: 'sync' },
  { verb: 'confirm-deletion', request: confirmDeletesRequestSchema, reply: confirmRemovalReplySchema, use: 'confirmDeletion' },
  { verb: 'restore', request: confirmDeletesRequestSchema, reply: confirmRemovalReplySchema, use: 'restore' },
  rolloutVerb('pause'),
  rolloutVerb('resume'),
  rolloutVerb('approve'),
  rolloutVerb('reject'),
  rolloutVerb('abort'),
  rolloutVerb('retry'),
  rolloutVerb('rollback'),
  {
    spoke: 'desired',
    request: desiredRequestSchema,
    reply: desiredReplySchema,
    binary: true,
    use: 'desired',
    maxInFlight: 512,
    maxWaiting: MAX_WAITING_SPOKES,
  },
  {
    spoke: 'blobs',
    request: blobsRequestSchema,
    reply: blobsReplySchema,
    binary: true,
    use: 'blobs',
    maxInFlight: 32,
    maxWaiting: MAX_WAITING_SPOKES,
  },
  { spoke: 'status', request: statusBatchSchema, reply: statusReplySchema, use: 'status', maxInFlight: 400 },
  { spoke: 'beat', request: beatSchema, use: 'beat', maxInFlight: 64 },
  { kinds: ['Cluster'], use: 'cluster', resyncMs: RESYNC_MS },
  { kinds: ['Application'], use: 'application', resyncMs: RESYNC_MS, ignoreStatus: true },
  { kinds: ['GitSource'], use: 'gitSource', resyncMs: RESYNC_MS },
  { kinds: ['ApplicationSet'], use: 'applicationSet', concurrency: 2 },
  { kinds: ['RolloutPolicy', 'AppProject'], use: 'rule', concurrency: 1 },
  { kinds: ['ConfigMap'], use: 'guardSettings', concurrency: 1, changesOnly: true },
  { kinds: ['SecretGrant'], use: 'secretGrant', resyncMs: RESYNC_MS },
  { kinds: ['FleetRollout'], use: 'fleetRollout', concurrency: 2, resyncMs: RESYNC_MS },
  { every: RESYNC_MS, use: 'sweepHistory', singleton: 'orchestrator-history' },
  { every: RESYNC_MS, use: 'lookAfresh' },
  { every: WORK_EVERY_MS, use: 'work' },
  { every: WORK_EVERY_MS, use: 'project' },
];
