import type { ResolvedItem } from './resolve-items.js';

export interface AllowList {
  namespaces?: readonly string[];
  /** `group/Kind`; `/ConfigMap` for the core group. */
  kinds?: readonly string[];
}

/** Why an object is forbidden here; undefined when it is allowed. */
export type Denial = (item: Pick<ResolvedItem, 'group' | 'kind' | 'namespace'>) => string | undefined;

/** Why this spoke's own list forbids an object, whatever the hub signed; undefined when it does not. */
export function denialOf({ namespaces, kinds }: AllowList, item: Pick<ResolvedItem, 'group' | 'kind' | 'namespace'>): string | undefined {
  const kind = `${item.group}/${item.kind}`;
  const isNamedKind = kinds?.includes(kind) ?? false;
  if (kinds && !isNamedKind) return `kind ${kind} is not on this spoke's allow-list`;
  if (!namespaces || (item.namespace === '' && isNamedKind)) return undefined;
  if (item.namespace === '') return `cluster-scoped kind ${kind} is not on this spoke's allow-list`;
  return namespaces.includes(item.namespace) ? undefined : `namespace ${item.namespace} is not on this spoke's allow-list`;
}
