import type { Condition, SecretGrant } from '@flotilla/contracts';

export interface GrantOutcome {
  status: 'True' | 'False';
  reason: string;
  message: string;
  /** Remarks of admission on the object that asks. */
  warnings: readonly string[];
  /** `lastTransitionTime` of a condition that changed. */
  at: number;
}

type Status = NonNullable<SecretGrant['status']>;

/** The status with a Ready condition; a condition's time moves only when its status does. */
export function withOutcome(previous: Status | undefined, facts: Partial<Status>, outcome: GrantOutcome): Status {
  const conditions: Condition[] = [{ type: 'Ready', status: outcome.status, reason: outcome.reason, message: outcome.message }];
  if (outcome.warnings.length > 0)
    conditions.push({ type: 'Warning', status: 'True', reason: 'Accepted', message: outcome.warnings.join('; ').slice(0, 2_000) });
  const { conditions: earlier = [], ...rest } = previous ?? {};
  return {
    ...rest,
    ...facts,
    conditions: conditions.map((condition) => {
      const before = earlier.find(({ type, status }) => type === condition.type && status === condition.status);
      return { ...condition, lastTransitionTime: before?.lastTransitionTime ?? new Date(outcome.at).toISOString() };
    }),
  };
}
