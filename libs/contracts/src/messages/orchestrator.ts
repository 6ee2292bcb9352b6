import { z } from 'zod';
import { operationSchema } from '../documents/application.js';
import { rolloutPlanSchema, rolloutViewSchema } from '../rest/routes.js';
import { orRefused } from './hub.js';

/** orchestrator `plan`: what the newest commits (or `revision`) would change for an ApplicationSet or Application. Moves nothing. */
export const planVerbSchema = z.object({
  kind: z.enum(['ApplicationSet', 'Application']).default('ApplicationSet'),
  namespace: z.string(),
  name: z.string(),
  /** Commit to plan instead of the newest one of each source. */
  revision: z.string().optional(),
});
export const planVerbReplySchema = orRefused(rolloutPlanSchema);

/** orchestrator `pause`, `resume`, `approve`, `reject`, `abort`, `retry`, `rollback` of a FleetRollout; answered after commit. */
export const rolloutVerbSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  /** Who asks; ends up in the ledger. */
  actor: z.string(),
  reason: z.string().max(2000).optional(),
  /** `rollback`: name of the Release to go back to; the previous one without it. */
  release: z.string().optional(),
});
export const rolloutVerbReplySchema = orRefused(z.object({ message: z.string() }));

/** orchestrator `rollout`: one run with its targets and its ledger, oldest entry first. */
export const rolloutReadSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  /** Newest ledger entries to return; default and most 1,000. */
  limit: z.number().int().min(1).max(1000).optional(),
});
export const rolloutReadReplySchema = orRefused(rolloutViewSchema);

/** orchestrator `sync` of an Application: applies what is released for it. */
export const syncVerbSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  actor: z.string(),
  sync: operationSchema.shape.sync,
  retry: operationSchema.shape.retry,
});
/** `operation` names the operation; its outcome is in `status.operationState`. */
export const syncVerbReplySchema = orRefused(z.object({ message: z.string(), operation: z.string() }));

/**
 * orchestrator `confirm-deletion` of an Application of applications: lets deletions of its documents go on, by `Kind/name`; `restore`:
 * keeps those documents, out of the application.
 */
export const confirmRemovalReplySchema = orRefused(z.object({ message: z.string() }));

export type PlanVerb = z.infer<typeof planVerbSchema>;
export type RolloutVerb = z.infer<typeof rolloutVerbSchema>;
export type RolloutRead = z.infer<typeof rolloutReadSchema>;
export type SyncVerb = z.infer<typeof syncVerbSchema>;
