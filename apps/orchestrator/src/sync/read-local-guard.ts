import {
  type Application,
  type AppProject,
  type Cluster,
  CONTROL_NAMESPACE,
  type ConfigMap,
  GUARD_CONFIG_MAP,
  isProtected,
  PROTECTED_LABEL,
  type ResourceDocument,
} from '@flotilla/contracts';
import { type GuardSettings, guardSettings, protectedPlaces } from '@flotilla/policy';
import type { ResourceStore } from '@flotilla/resources';
import type { FleetApplication } from '../fleet/fleet.store.js';
import { DELETION_APPROVED } from '../fleet/reconcile-application.js';
import { type Approval, readApproval } from './judge-removal.js';

export interface LocalGuard {
  settings: GuardSettings;
  approval: Approval;
  isProtected(document: ResourceDocument): boolean;
  warnings: string[];
}

const PAGE = 500;

/** What the guard is told about one application of applications, as it is stored now: by the application, its project and the fleet. */
export async function readLocalGuard(store: ResourceStore, application: FleetApplication, now: number): Promise<LocalGuard> {
  const { namespace, name } = application;
  const stored = await store.get<Application & ResourceDocument>({ kind: 'Application', namespace, name });
  const { metadata, spec } = stored?.metadata.uid === application.uid ? stored : application.document;
  const project = await store.get<AppProject & ResourceDocument>({ kind: 'AppProject', namespace: CONTROL_NAMESPACE, name: spec.project });
  const fleet = (await store.get({ kind: 'ConfigMap', namespace: CONTROL_NAMESPACE, name: GUARD_CONFIG_MAP })) as ConfigMap | undefined;
  const { settings, warnings } = guardSettings({
    own: metadata.annotations,
    projects: new Map([[spec.project, project?.metadata.annotations]]),
    fleet: fleet?.data,
  });
  const goesToProtected = protectedPlaces(await protectedClusters(store));
  return {
    settings,
    approval: readApproval(metadata.annotations?.[DELETION_APPROVED], now),
    isProtected: (document) => isProtected(document.metadata.labels) || (document.kind === 'Application' && goesToProtected(document)),
    warnings,
  };
}

async function protectedClusters(store: ResourceStore): Promise<Cluster[]> {
  const labels = [{ key: PROTECTED_LABEL, operator: 'Exists', values: [] }] as const;
  const clusters: Cluster[] = [];
  for (let token: string | undefined, isFirst = true; isFirst || token !== undefined; isFirst = false) {
    const page = await store.list<Cluster & ResourceDocument>('Cluster', { labels, limit: PAGE, ...(token ? { continue: token } : {}) });
    clusters.push(...page.items);
    token = page.continue;
  }
  return clusters;
}
