import { apiVersionFrom, objectKey, orderForApply } from '@flotilla/kube';
import type { ApiResourceInfo } from '@flotilla/kubeclient';
import type { PlanItem } from '../secrets/granted-items.js';

/** An object of an application as this cluster takes it: with its namespace, and how it is served. */
export type ResolvedItem = PlanItem & {
  key: string;
  apiVersion: string;
  /** Undefined when the cluster does not serve the kind (yet). */
  info?: ApiResourceInfo;
};

export interface ResolvedBundle {
  /** Ordinary objects, in apply order. */
  items: ResolvedItem[];
  hooks: ResolvedItem[];
  /** Every key the bundle may mean: what is in here is never pruned. */
  keys: Set<string>;
}

/** How the cluster serves an apiVersion and kind. */
export type KindLookup = (apiVersion: string, kind: string) => ApiResourceInfo | undefined;

/**
 * Gives every object its namespace: its own, else the destination's; cluster-scoped kinds have none. Of a kind nobody serves the
 * scope is unknown, so both possible keys are spared from pruning.
 */
export function resolveItems(wanted: readonly PlanItem[], destinationNamespace: string, kinds: KindLookup): ResolvedBundle {
  const fallback = destinationNamespace || 'default';
  const all = wanted.map((item): ResolvedItem => {
    const apiVersion = apiVersionFrom(item.group, item.version);
    const info = kinds(apiVersion, item.kind);
    const namespace = info && !info.namespaced ? '' : item.namespace || fallback;
    return { ...item, namespace, apiVersion, info, key: objectKey({ ...item, namespace }) };
  });
  const keys = new Set(all.map(({ key }) => key));
  for (const item of all) if (!item.info) keys.add(objectKey({ ...item, namespace: '' }));
  return { items: orderForApply(all.filter(({ hook }) => !hook)), hooks: all.filter(({ hook }) => hook !== undefined), keys };
}
