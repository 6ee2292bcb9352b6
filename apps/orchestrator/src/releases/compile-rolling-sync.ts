import { ROLLING_SYNC_POLICY } from '@flotilla/contracts';
import type { RollingSync } from '@flotilla/policy';
import { type CompiledPolicy, DEFAULT_RULES } from '../rollouts/compile-policy.js';

/**
 * A set's RollingSync strategy as a policy: one stage per step, made of applications. As in Argo CD a step is over when all of its
 * applications are healthy: nothing fails, soaks, times out or is rolled back, and an application on an offline cluster is waited for.
 */
export function compileRollingSync({ steps }: RollingSync): CompiledPolicy {
  return {
    name: ROLLING_SYNC_POLICY,
    per: 'application',
    stages: steps.map(({ requirements, maxUpdate }, i) => ({
      ...DEFAULT_RULES,
      name: `step-${i + 1}`,
      requirements,
      maxConcurrent: maxUpdate,
      offline: 'wait',
      onFailure: 'wait',
    })),
  };
}
