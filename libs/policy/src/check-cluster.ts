import type { AppProject } from '@flotilla/contracts';
import { type DestinationFacts, matchesCluster, refusesCluster } from './check-destination.js';
import { isDeny } from './match-rule.js';
import { permitted, refused, type Verdict } from './verdict.js';

/**
 * Whether a project may deploy to a cluster at all, into some namespace: what generators of its sets may see. The namespace of
 * each application is checked with its destination.
 */
export function checkCluster(project: AppProject, cluster: Omit<DestinationFacts, 'namespace'>): Verdict {
  const { metadata, spec } = project;
  const name = cluster.name ?? cluster.server ?? '(no cluster)';
  if (spec.permitOnlyProjectScopedClusters && cluster.clusterProject !== metadata.name) {
    return refused(`cluster ${name} does not belong to AppProject ${metadata.name}, which has permitOnlyProjectScopedClusters`);
  }
  const rules = spec.destinations ?? [];
  const deny = rules.findIndex((rule) => refusesCluster(rule, cluster));
  if (deny >= 0) return refused(`cluster ${name} is refused by spec.destinations[${deny}] of AppProject ${metadata.name}`);
  const allows = rules.filter((rule) => !isDeny(rule.server) && !isDeny(rule.name) && !isDeny(rule.namespace));
  if (allows.some((rule) => matchesCluster(rule, cluster))) return permitted;
  return refused(`cluster ${name} is not permitted: no entry of spec.destinations of AppProject ${metadata.name} matches it`);
}
