import { type Condition, MAX_HELD_REASONS, ROLLOUT_POLICY_ANNOTATION } from '@flotilla/contracts';
import { ROLLOUT_PROGRESSING, type SetOutcome, setConditions } from './set-conditions.js';
import type { StoredSet } from './stored-set.js';

type Status = NonNullable<StoredSet['status']>;

/** What one reconcile came to, as the status of the set; what it says nothing of is left out. */
export type SettledOutcome = Omit<SetOutcome, 'setName' | 'reasons'> & { reasons?: Status['heldReasons'] };

export function statusOf(set: StoredSet, outcome: SettledOutcome, applications: number | undefined, now: number): Status {
  const { heldDeletions: _held, heldReasons: _reasons, pendingDeletions: _pending, ...kept } = set.status ?? {};
  const { applicationStatus: _steps, ...stepless } = kept;
  const told = set.spec.strategy?.type === 'RollingSync' ? kept : stepless;
  const rest = set.metadata.annotations?.[ROLLOUT_POLICY_ANNOTATION] === 'none' ? withoutRollout(told) : told;
  const { hold, reasons = [], pending = [] } = outcome;
  return {
    ...rest,
    conditions: setConditions({ ...outcome, setName: set.metadata.name }, (rest.conditions ?? []) as Condition[], now),
    ...(applications === undefined ? {} : { applications, resourcesCount: applications }),
    ...(hold.length > 0 ? { heldDeletions: [...hold] } : {}),
    ...(hold.length > 0 && reasons.length > 0 ? { heldReasons: reasons.slice(0, MAX_HELD_REASONS) } : {}),
    ...(pending.length > 0 ? { pendingDeletions: pending.slice(0, MAX_HELD_REASONS) } : {}),
  };
}

/** A set without a rollout policy makes no rollouts, and the last one it had says nothing of it any more. */
export function withoutRollout({ rollout: _rollout, applicationStatus: _steps, ...status }: Status): Status {
  return { ...status, conditions: (status.conditions ?? []).filter(({ type }) => type !== ROLLOUT_PROGRESSING) };
}
