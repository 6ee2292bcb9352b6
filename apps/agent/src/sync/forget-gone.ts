import { observedKey } from '../cluster/observed.js';
import { type AppPlan, CLAIMED_ELSEWHERE, KEPT_BY_POLICY, type PlannedPrune } from '../plan/plan-app.js';
import { orphanObject } from './prune-object.js';
import type { AppTask, SpokeContext } from './spoke-context.js';

/** Objects that another application, or their creation policy, takes out of our hands. */
const LET_GO: readonly string[] = [CLAIMED_ELSEWHERE, KEPT_BY_POLICY];

/** Drops entries of what is certainly gone or no longer ours; what could not be looked at stays. */
export async function forgetGone(context: SpokeContext, task: AppTask, plan: AppPlan): Promise<AppPlan> {
  const isLetGo = ({ verdict }: PlannedPrune): boolean => !verdict.prune && LET_GO.includes(verdict.reason);
  const isForgotten = (prune: PlannedPrune): boolean => {
    const { key, record, verdict, observed } = prune;
    if (verdict.prune || !verdict.forget) return false;
    return observed !== undefined || task.memory.probes.get(observedKey(record.version, key)) === null || isLetGo(prune);
  };
  const permission = { app: task.app, fleet: context.fleet, deletionApproved: false };
  for (const prune of plan.prunes.filter(isForgotten)) {
    if (isLetGo(prune)) await orphanObject(context, task.record, prune.key, permission);
    task.record.objects.delete(prune.key);
  }
  return { ...plan, prunes: plan.prunes.filter((prune) => !isForgotten(prune)) };
}
