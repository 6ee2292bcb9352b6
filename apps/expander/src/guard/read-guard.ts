import { clusterNameOf } from '@flotilla/admission';
import {
  type AppProject,
  type Cluster,
  CONTROL_NAMESPACE,
  type ConfigMap,
  GUARD_CONFIG_MAP,
  isProtected,
  LOCAL_SERVER,
  type ResourceDocument,
  serverOf,
} from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import type { ResourceKey } from '@flotilla/resources';
import { type GuardInput, guardSettings } from '@flotilla/setplan';
import type { StoredSet } from '../sets/stored-set.js';

export const GUARD_CONFIG_KEY = { kind: 'ConfigMap', namespace: CONTROL_NAMESPACE, name: GUARD_CONFIG_MAP };

export interface GuardSubject {
  set: StoredSet;
  /** The applications the set has: their projects have a say. */
  owned: readonly ResourceDocument[];
  clusters: readonly Cluster[];
  projects: ReadonlyMap<string, AppProject>;
  now: number;
}

/** What the guard is told about one set, as it is stored now. */
export async function readGuard(
  reader: { get(key: ResourceKey): Promise<ResourceDocument | undefined> },
  { set, owned, clusters, projects, now }: GuardSubject,
): Promise<{ guard: GuardInput; warnings: string[] }> {
  const fleet = (await reader.get(GUARD_CONFIG_KEY)) as ConfigMap | undefined;
  const names = [...new Set(owned.map(projectNameOf))].sort();
  const { settings, warnings } = guardSettings({
    set: set.metadata.annotations,
    projects: new Map(names.map((name) => [name, projects.get(name)?.metadata.annotations])),
    fleet: fleet?.data,
  });
  const places = protectedPlaces(clusters);
  const judge = (document: ResourceDocument) => isProtected(document.metadata.labels) || places(document);
  return { guard: { settings, isProtected: judge, now }, warnings };
}

const specOf = ({ spec }: ResourceDocument): Record<string, unknown> => (isObject(spec) ? spec : {});

function projectNameOf(document: ResourceDocument): string {
  const { project } = specOf(document);
  return typeof project === 'string' && project !== '' ? project : 'default';
}

/** Whether an application goes to a cluster with the label; of clusters that share its name, any of them. */
function protectedPlaces(clusters: readonly Cluster[]): (application: ResourceDocument) => boolean {
  const guarded = clusters.filter(({ metadata }) => isProtected(metadata.labels));
  const servers = new Set<unknown>(guarded.map(serverOf));
  const names = new Set<unknown>(guarded.flatMap((cluster) => [cluster.metadata.name, clusterNameOf(cluster)]));
  if (servers.has(LOCAL_SERVER)) names.add('in-cluster');
  return (application) => {
    const { destination } = specOf(application);
    return isObject(destination) && (servers.has(destination.server) || names.has(destination.name));
  };
}
