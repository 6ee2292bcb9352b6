import type { AppProject } from '@flotilla/contracts';
import { denied, isDeny, matchesRule } from './match-rule.js';
import { permitted, refused, type Verdict } from './verdict.js';

/** Where an application goes, with everything known about the cluster: rules may name it either way. */
export interface DestinationFacts {
  server?: string;
  name?: string;
  namespace?: string;
  /** The project the cluster belongs to, `''` or absent for none. */
  clusterProject?: string;
}

type Rule = NonNullable<AppProject['spec']['destinations']>[number];

/**
 * An entry permits when server or name and the namespace match. A `!` on server or name refuses whatever the namespace;
 * a `!` on the namespace refuses where the cluster matches. Source: argo-cd app_project_types.go IsDestinationPermitted.
 */
export function checkDestination(project: AppProject, destination: DestinationFacts): Verdict {
  const name = project.metadata.name;
  const place = `${destination.name ?? destination.server ?? '(no cluster)'}/${destination.namespace ?? ''}`;
  if (project.spec.permitOnlyProjectScopedClusters && destination.clusterProject !== name) {
    return refused(`cluster of ${place} does not belong to AppProject ${name}, which has permitOnlyProjectScopedClusters`);
  }
  const rules = project.spec.destinations ?? [];
  const deny = rules.findIndex((rule) => refuses(rule, destination));
  if (deny >= 0) return refused(`destination ${place} is refused by spec.destinations[${deny}] of AppProject ${name}`);
  if (rules.some((rule) => permits(rule, destination))) return permitted;
  return refused(`destination ${place} is not permitted: no entry of spec.destinations of AppProject ${name} matches it`);
}

/** A `!` on server or name that hits the cluster. */
export function refusesCluster(rule: Rule, { server, name }: Pick<DestinationFacts, 'server' | 'name'>): boolean {
  const hits = (pattern: string | undefined, text: string | undefined) => isDeny(pattern) && !!text && matchesRule(denied(pattern!), text);
  return hits(rule.server, server) || hits(rule.name, name);
}

function refuses(rule: Rule, destination: DestinationFacts): boolean {
  if (refusesCluster(rule, destination)) return true;
  return isDeny(rule.namespace) && matchesCluster(rule, destination) && matchesRule(denied(rule.namespace!), destination.namespace ?? '');
}

function permits(rule: Rule, destination: DestinationFacts): boolean {
  if (isDeny(rule.server) || isDeny(rule.name) || isDeny(rule.namespace)) return false;
  return matchesCluster(rule, destination) && matchesRule(rule.namespace ?? '', destination.namespace ?? '');
}

/** A name whose cluster is not known yet has no server to compare, but `*` permits every one. */
export function matchesCluster(rule: Rule, { server, name }: Pick<DestinationFacts, 'server' | 'name'>): boolean {
  if (!server && name && rule.server === '*') return true;
  return (!!server && matchesRule(rule.server ?? '', server)) || (!!name && matchesRule(rule.name ?? '', name));
}
