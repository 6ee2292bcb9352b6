import { jsonEqual } from '@flotilla/kernel';
import type { CompiledPolicy } from '../rollouts/compile-policy.js';
import { type PlanUnit, planStages } from '../rollouts/plan-stages.js';
import { keyOf, type Run, type RunStage } from '../rollouts/rollout.js';

/** Stages as a run keeps them: the selectors have done their work. */
export const runStages = ({ stages }: CompiledPolicy): RunStage[] => stages.map(({ requirements: _, ...stage }) => stage);

/**
 * Whether a run of applications goes by steps that are no longer those of the set: others, or the same ones with other applications in
 * them. Argo CD reads the steps afresh each time (argo-cd applicationset/progressivesync).
 */
export function hasRestaged(run: Run, policy: CompiledPolicy, units: readonly PlanUnit[]): boolean {
  if (run.per !== 'application' || policy.per !== 'application') return false;
  if (run.phase !== 'Pending' && run.phase !== 'Progressing') return false;
  if (!jsonEqual(JSON.parse(JSON.stringify(runStages(policy))), run.stages)) return true;
  const known = new Map(run.targets.map((target) => [keyOf(target), target.stageIndex]));
  const { stages } = planStages(units, policy);
  const planned = new Map(stages.flatMap(({ units: own }, i) => own.map((one) => [keyOf(one), i] as const)));
  return units.some((one) => known.get(keyOf(one)) !== planned.get(keyOf(one)));
}
