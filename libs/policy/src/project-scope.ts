import type { AppProject } from '@flotilla/contracts';
import { checkCluster } from './check-cluster.js';
import { checkSource } from './check-source.js';
import type { Verdict } from './verdict.js';

/** A cluster as generators know it. */
interface SeenCluster {
  name: string;
  server: string;
  project?: string;
}

/** What the generators of a project's sets may see; each answer is the reason of a refusal, undefined when it is permitted. */
export function projectScope(project: AppProject) {
  return {
    project: project.metadata.name,
    refuseCluster: ({ name, server, project: clusterProject }: SeenCluster): string | undefined =>
      reasonOf(checkCluster(project, { name, server, ...(clusterProject ? { clusterProject } : {}) })),
    refuseRepository: (repoURL: string, aliases: readonly string[] = []): string | undefined =>
      reasonOf(checkSource(project, repoURL, aliases)),
  };
}

const reasonOf = (verdict: Verdict): string | undefined => (verdict.permitted ? undefined : verdict.reason);
