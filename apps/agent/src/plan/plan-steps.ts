import { hasOption, mirrorPruneWaves, type ResourceHealth } from '@flotilla/kube';
import type { AppPlan, PlannedObject, PlannedPrune } from './plan-app.js';
import type { SyncMode } from './sync-mode.js';

/** One wave: prunes first, then applies. */
export interface Step {
  wave: number;
  prunes: PlannedPrune[];
  objects: PlannedObject[];
}

/** Waves in order; those of prunes are mirrored among themselves, `PruneLast=true` puts them all behind (GE:sync/sync_context.go). */
export function planSteps(plan: AppPlan, options: readonly string[]): Step[] {
  const waves = plan.objects.map(({ item }) => item.wave);
  const last = Math.max(0, ...waves);
  const pruneWaves = mirrorPruneWaves(
    plan.prunes.map(({ record }) => record.wave),
    hasOption('PruneLast', options),
    last,
  );
  const steps = new Map<number, Step>();
  const at = (wave: number): Step => {
    const step = steps.get(wave) ?? { wave, prunes: [], objects: [] };
    steps.set(wave, step);
    return step;
  };
  for (const object of plan.objects) at(object.item.wave).objects.push(object);
  for (const [i, prune] of plan.prunes.entries()) at(pruneWaves[i]!).prunes.push(prune);
  return [...steps.values()].sort((a, b) => a.wave - b.wave);
}

/** Whether this mode applies the object now. */
export function isDue({ state, item }: PlannedObject, mode: SyncMode): boolean {
  if (!mode.selects(item)) return false;
  if (state === 'new' || state === 'changed') return mode.apply;
  if (state === 'missing' || state === 'drifted') return mode.heal;
  return state === 'contested' && mode.asked;
}

export function isPruneDue({ verdict, key }: PlannedPrune, mode: SyncMode): boolean {
  const [group = '', kind = '', namespace = '', name = ''] = key.split('/');
  return mode.prune && verdict.prune && mode.selects({ group, kind, namespace, name });
}

export type Gate = { open: true } | { open: false; failed: boolean; message: string };

/** Health of an object now: undefined when it has no rule, `missing` when it is not there. */
export type HealthNow = (object: PlannedObject) => ResourceHealth | 'missing' | undefined;

/**
 * Whether the next wave may begin: every object of this one is healthy, or of a kind without health. A degraded one fails the
 * sync, any other holds it, for ever if need be, as in Argo CD. Objects we may not touch hold nothing up.
 */
export function waveGate(step: Step, healthNow: HealthNow): Gate {
  for (const object of step.objects) {
    if (object.state === 'shared' || object.state === 'parked' || object.state === 'denied') continue;
    if (object.state === 'waiting')
      return { open: false, failed: false, message: `wave ${step.wave}: ${object.item.key} ${object.message}` };
    const health = healthNow(object);
    if (health === undefined || (health !== 'missing' && health.status === 'Healthy')) continue;
    const status = health === 'missing' ? 'Missing' : health.status;
    const detail = health === 'missing' || !health.message ? '' : `: ${health.message}`;
    return { open: false, failed: status === 'Degraded', message: `wave ${step.wave}: ${object.item.key} is ${status}${detail}` };
  }
  return { open: true };
}
