import type { AppPlan, PlannedObject } from '../plan/plan-app.js';
import type { ResolvedBundle } from '../plan/resolve-items.js';
import type { SyncMode } from '../plan/sync-mode.js';
import { grantMark } from '../secrets/granted-items.js';
import { applyObject } from './apply-object.js';
import type { AppTask, SpokeContext } from './spoke-context.js';

const UNREACHABLE_RETRY_MS = 5_000;

export interface KeptSecrets {
  writes: number;
  againAfterMs?: number;
}

/** A creation policy may change without a new value: what may never be deleted is written down before anything is planned. */
export function markGranted({ record }: AppTask, { items }: ResolvedBundle): void {
  for (const item of items) {
    const entry = record.objects.get(item.key);
    if (item.grant && entry) Object.assign(entry, grantMark(item));
  }
}

/**
 * Keeps granted Secrets at the value at hand. As with the controllers they stand for, that is no sync: once one was written, its
 * rotation and its repair wait for no wave, policy or retry limit of the application.
 */
export async function keepSecrets(context: SpokeContext, task: AppTask, plan: AppPlan, mode: SyncMode): Promise<KeptSecrets> {
  const kept: KeptSecrets = { writes: 0 };
  const due = plan.objects.filter((object) => isUpkeep(object, task, mode));
  for (const object of due.filter(({ record }) => !record)) {
    task.record.objects.set(object.item.key, {
      version: object.item.version,
      wave: object.item.wave,
      applied: '',
      ...grantMark(object.item),
    });
  }
  if (due.some(({ record }) => !record)) await context.saveRecord(task.record);
  const upkeep: SyncMode = { ...mode, apply: true, heal: true, dryRun: false, asked: false };
  const outcomes = await Promise.all(due.map((object) => context.limit(() => applyObject(context, task, object, upkeep))));
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.kind === 'applied') kept.writes++;
    if (outcome.kind === 'unreachable') {
      context.log('warn', 'secret not written', { object: due[i]!.item.key, error: outcome.message });
      kept.againAfterMs = Math.min(kept.againAfterMs ?? UNREACHABLE_RETRY_MS, UNREACHABLE_RETRY_MS);
    }
    if (outcome.kind === 'left' && outcome.againAfterMs !== undefined) {
      kept.againAfterMs = Math.min(kept.againAfterMs ?? outcome.againAfterMs, outcome.againAfterMs);
    }
  }
  return kept;
}

/** The first write is the sync's; where that has failed for good, a value that came later is written all the same. */
function isUpkeep({ item, state, record }: PlannedObject, task: AppTask, mode: SyncMode): boolean {
  if (!item.grant) return false;
  const wasWritten = record !== undefined && record.applied !== '';
  if (state === 'changed' || state === 'missing' || state === 'drifted') return wasWritten;
  return state === 'new' && mode.apply && task.record.operation?.phase === 'Failed';
}
