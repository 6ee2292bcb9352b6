import { type ApplicationSet, type AppProject, type Cluster, isProtected, type ResourceDocument } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import { guardSettings, protectedPlaces } from '@flotilla/policy';
import type { GuardInput } from './plan-applications.js';

export interface GuardSubject {
  set: ApplicationSet;
  /** The applications the set has: their projects have a say. */
  owned: readonly ResourceDocument[];
  clusters: readonly Cluster[];
  projects: ReadonlyMap<string, AppProject>;
  /** `data` of the fleet's ConfigMap. */
  fleet?: Readonly<Record<string, string>> | undefined;
  now: number;
}

/** What the guard is told about one set: settings from the set, its projects and the fleet, and what is protected. */
export function guardOfSet({ set, owned, clusters, projects, fleet, now }: GuardSubject): { guard: GuardInput; warnings: string[] } {
  const names = [...new Set(owned.map(projectNameOf))].sort();
  const { settings, warnings } = guardSettings({
    own: set.metadata.annotations,
    projects: new Map(names.map((name) => [name, projects.get(name)?.metadata.annotations])),
    fleet,
  });
  const goesToProtected = protectedPlaces(clusters);
  const judge = (document: ResourceDocument): boolean => isProtected(document.metadata.labels) || goesToProtected(document);
  return { guard: { settings, isProtected: judge, now }, warnings };
}

const specOf = ({ spec }: ResourceDocument): Record<string, unknown> => (isObject(spec) ? spec : {});

function projectNameOf(document: ResourceDocument): string {
  const { project } = specOf(document);
  return typeof project === 'string' && project !== '' ? project : 'default';
}
