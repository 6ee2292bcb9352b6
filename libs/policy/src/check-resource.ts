import type { AppProject } from '@flotilla/contracts';
import { matchesRule } from './match-rule.js';
import { permitted, refused, type Verdict } from './verdict.js';

export interface ResourceFacts {
  group: string;
  kind: string;
  name?: string;
  /** Whether the kind lives in namespaces. */
  namespaced: boolean;
}

interface GroupKind {
  group: string;
  kind: string;
  name?: string | undefined;
}

/**
 * Whether a project may hold a kind. No cluster-scoped kind is permitted without a whitelist; every namespaced one is, unless
 * a whitelist exists (an empty one permits none). Blacklists win. Source: argo-cd app_project_types.go IsGroupKindPermitted.
 */
export function checkResource(project: AppProject, resource: ResourceFacts): Verdict {
  const { spec } = project;
  const scope = resource.namespaced ? 'namespace' : 'cluster';
  const allow = resource.namespaced ? spec.namespaceResourceWhitelist : (spec.clusterResourceWhitelist ?? []);
  const deny = (resource.namespaced ? spec.namespaceResourceBlacklist : spec.clusterResourceBlacklist) ?? [];
  const title = resource.group === '' ? resource.kind : `${resource.group}/${resource.kind}`;
  if (listed(deny, resource)) {
    return refused(`${title} is not permitted in project ${project.metadata.name}: spec.${scope}ResourceBlacklist names it`);
  }
  if (allow === null || allow === undefined || listed(allow, resource)) return permitted;
  return refused(`${title} is not permitted in project ${project.metadata.name}: no entry of spec.${scope}ResourceWhitelist matches it`);
}

function listed(rules: readonly GroupKind[], { group, kind, name }: ResourceFacts): boolean {
  return rules.some(
    (rule) =>
      matchesRule(rule.group, group) &&
      matchesRule(rule.kind, kind) &&
      (!rule.name || (name !== undefined && matchesRule(rule.name, name))),
  );
}
