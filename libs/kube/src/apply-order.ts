/** Argo CD's order of kinds (GE:sync/sync_tasks.go); kinds not named come last. */
const KIND_ORDER = [
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleList',
  'ClusterRoleBinding',
  'ClusterRoleBindingList',
  'Role',
  'RoleList',
  'RoleBinding',
  'RoleBindingList',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'Ingress',
  'APIService',
];
const RANK = new Map(KIND_ORDER.map((kind, i) => [kind, i]));
const PHASES = ['PreSync', 'Sync', 'PostSync', 'SyncFail'];

/** What ordering needs to know of an object. `defines` is `group/Kind` for a CustomResourceDefinition. */
export interface Orderable {
  group: string;
  kind: string;
  namespace: string;
  name: string;
  wave: number;
  /** Defaults to Sync. */
  phase?: string;
  defines?: string;
}

export function kindRank(kind: string): number {
  return RANK.get(kind) ?? KIND_ORDER.length;
}

export function compareForApply(a: Orderable, b: Orderable): number {
  return (
    phaseRank(a) - phaseRank(b) ||
    a.wave - b.wave ||
    kindRank(a.kind) - kindRank(b.kind) ||
    order(a.name, b.name) ||
    order(a.namespace, b.namespace) ||
    order(a.group, b.group)
  );
}

/**
 * Sorts by phase, wave, kind and name, then pulls every Namespace and every CustomResourceDefinition ahead of its first
 * user; it then takes that user's wave and phase (GE:sync/sync_tasks.go adjustDeps).
 */
export function orderForApply<T extends Orderable>(items: readonly T[]): T[] {
  const sorted = [...items].sort(compareForApply);
  const withNamespaces = pullAhead(
    sorted,
    (item) => (item.group === '' && item.kind === 'Namespace' ? item.name : undefined),
    (item) => (item.namespace === '' ? undefined : item.namespace),
  );
  return pullAhead(
    withNamespaces,
    (item) => item.defines,
    (item) => `${item.group}/${item.kind}`,
  );
}

function pullAhead<T extends Orderable>(
  items: T[],
  provides: (item: T) => string | undefined,
  needs: (item: T) => string | undefined,
): T[] {
  const firstUser = new Map<string, T>();
  let result: T[] = [];
  for (const item of items) {
    const provided = provides(item);
    const user = provided === undefined ? undefined : firstUser.get(provided);
    if (user) {
      const at = result.indexOf(user);
      result = [...result.slice(0, at), { ...item, wave: user.wave, phase: user.phase }, ...result.slice(at)];
      continue;
    }
    result.push(item);
    const needed = provided === undefined ? needs(item) : undefined;
    if (needed !== undefined && !firstUser.has(needed)) firstUser.set(needed, item);
  }
  return result;
}

function phaseRank(item: Orderable): number {
  const rank = PHASES.indexOf(item.phase ?? 'Sync');
  return rank < 0 ? PHASES.length : rank;
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
