import { type ApplicationSet, CONTROL_NAMESPACE, ROLLOUT_POLICY_ANNOTATION, type RolloutPolicy } from '@flotilla/contracts';
import { messageOf } from '@flotilla/kernel';
import { readStrategy } from '@flotilla/policy';
import { type CompiledPolicy, compilePolicy, GUARDED_ABOVE_CLUSTERS, GUARDED_POLICY } from '../rollouts/compile-policy.js';
import { compileRollingSync } from './compile-rolling-sync.js';

export type PolicyChoice = { policy: CompiledPolicy; warning?: string } | { none: true } | { problem: string } | { incomplete: true };

/**
 * The rollout policy of a set: the named one (its namespace first, then the control namespace), `none`, its RollingSync strategy, or,
 * over many clusters, the built-in guarded one. A name that leads nowhere is a problem: nothing moves until it is right.
 */
export function choosePolicy(set: ApplicationSet, clusters: number, find: (namespace: string) => RolloutPolicy | undefined): PolicyChoice {
  const named = set.metadata.annotations?.[ROLLOUT_POLICY_ANNOTATION];
  if (named === 'none') return { none: true };
  if (named === undefined || named === '') {
    const rolling = rollingOf(set);
    if (rolling) return rolling;
    if (clusters <= GUARDED_ABOVE_CLUSTERS) return { none: true };
    const warning = `the set covers ${clusters} clusters and names no rollout policy, so the built-in ${GUARDED_POLICY.name} one applies: one canary cluster, then all; name a RolloutPolicy in annotation ${ROLLOUT_POLICY_ANNOTATION}, or none`;
    return { policy: GUARDED_POLICY, warning };
  }
  const document = find(set.metadata.namespace ?? '') ?? find(CONTROL_NAMESPACE);
  if (!document && named === GUARDED_POLICY.name) return { policy: GUARDED_POLICY, ...winning(set, named) };
  if (!document)
    return {
      problem: `annotation ${ROLLOUT_POLICY_ANNOTATION} names RolloutPolicy ${JSON.stringify(named)}, which does not exist; nothing is released until it does`,
    };
  try {
    return { policy: compilePolicy(document), ...winning(set, named) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

function rollingOf({ spec }: ApplicationSet): PolicyChoice | undefined {
  try {
    const { rolling, remarks } = readStrategy(spec.strategy);
    return rolling && { policy: compileRollingSync(rolling), ...(remarks.length > 0 ? { warning: remarks.join('; ') } : {}) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

function winning({ spec }: ApplicationSet, named: string): { warning?: string } {
  if (spec.strategy?.type !== 'RollingSync') return {};
  return { warning: `spec.strategy is not in force: annotation ${ROLLOUT_POLICY_ANNOTATION}: ${named} wins over it` };
}
