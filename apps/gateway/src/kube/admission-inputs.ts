import type { AdmissionContext } from '@flotilla/admission';
import {
  type Application,
  type AppProject,
  type Cluster,
  CONTROL_NAMESPACE,
  LOCAL_SERVER,
  type ResourceDocument,
  serverOf,
} from '@flotilla/contracts';
import { jsonEqual } from '@flotilla/kernel';
import type { KubeObject } from '@flotilla/kubeapi';
import type { ResourceKey, ResourceStore, ResourceTransaction } from '@flotilla/resources';

/** Reads of the store, or of the transaction that writes. */
export type DocumentReader = Pick<ResourceStore | ResourceTransaction, 'list'> & {
  get(key: ResourceKey): Promise<ResourceDocument | undefined>;
};

/** A server address that stands for a cluster's name. */
const NAME_SCHEME = 'flotilla://';

/**
 * The other documents an Application is judged by: its project, and the clusters its destination may mean. Empty when
 * the spec stays as it is, so that a rule that was tightened later does not hold up labels and finalizers.
 */
export async function admissionInputs(
  reader: DocumentReader,
  object: KubeObject,
  live: KubeObject | undefined,
): Promise<Pick<AdmissionContext, 'project' | 'clusters'>> {
  if (object.kind !== 'Application' || (live && jsonEqual(live.spec, object.spec))) return {};
  const spec = (object.spec ?? {}) as Partial<Application['spec']>;
  const { project: name = 'default', destination } = spec;
  const key = { kind: 'AppProject', namespace: CONTROL_NAMESPACE, name: typeof name === 'string' ? name : '' };
  const project = key.name === '' ? undefined : ((await reader.get(key)) as AppProject | undefined);
  return {
    project: (asked) => (asked === key.name ? project : undefined),
    clusters: await clustersOf(reader, destination ?? {}),
  };
}

/** Only clusters that may match are read, not the whole inventory. */
async function clustersOf(reader: DocumentReader, { server, name }: { server?: unknown; name?: unknown }): Promise<Cluster[]> {
  const wanted = [
    ...(typeof name === 'string' && name !== '' ? [field('metadata.name', name), field('spec.name', name)] : []),
    ...(typeof server === 'string' && server !== '' ? [field('spec.server', server)] : []),
    ...(typeof server === 'string' && server.startsWith(NAME_SCHEME) ? [field('metadata.name', server.slice(NAME_SCHEME.length))] : []),
    ...(name === 'in-cluster' || server === LOCAL_SERVER ? [field('spec.local', 'true'), field('spec.server', LOCAL_SERVER)] : []),
  ];
  const found = new Map<string, Cluster>();
  for (const fields of wanted) {
    const { items } = await reader.list<Cluster>('Cluster', { fields });
    for (const cluster of items) found.set(cluster.metadata.name, cluster);
  }
  return [...found.values()].filter((cluster) => server === undefined || server === '' || serverOf(cluster) === server);
}

function field(path: string, value: string): { path: string; value: string }[] {
  return [{ path, value }];
}
