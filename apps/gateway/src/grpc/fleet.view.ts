import { type Application, type Cluster, type FleetRollout, type ResourceDocument, sourcesOf } from '@flotilla/contracts';

/** Documents as the messages of fleet.proto; field names as the proto has them. */
export function applicationMessage(document: ResourceDocument) {
  const { metadata, spec, status } = document as unknown as Application;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    project: spec.project,
    cluster: spec.destination.name ?? spec.destination.server ?? '',
    sync: status?.sync?.status ?? 'Unknown',
    health: status?.health?.status ?? 'Unknown',
    revision: status?.sync?.revision ?? sourcesOf(spec)[0]?.targetRevision ?? '',
    unknown_since: status?.unknownSince ?? '',
    resource_version: metadata.resourceVersion ?? '',
  };
}

export function clusterMessage(document: ResourceDocument) {
  const { metadata, status } = document as unknown as Cluster;
  return {
    name: metadata.name,
    phase: status?.phase ?? 'Unknown',
    since: status?.since ?? '',
    kubernetes_version: status?.kubernetesVersion ?? '',
    labels: metadata.labels ?? {},
    resource_version: metadata.resourceVersion ?? '',
  };
}

export function rolloutMessage(document: ResourceDocument) {
  const { metadata, spec, status } = document as unknown as FleetRollout;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    owner: spec.owner.name,
    phase: status?.phase ?? 'Pending',
    stage: status?.stage ?? '',
    message: status?.message ?? '',
    resource_version: metadata.resourceVersion ?? '',
  };
}
