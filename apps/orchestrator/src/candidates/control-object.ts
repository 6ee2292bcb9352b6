import { ARGO_GROUP, type BundleItem } from '@flotilla/contracts';

/** Kinds an application with destination in-cluster puts into the hub's own store. */
const CONTROL_KINDS: readonly string[] = ['Application', 'ApplicationSet', 'AppProject'];

export const isControlObject = ({ group, kind }: Pick<BundleItem, 'group' | 'kind'>): boolean =>
  group === ARGO_GROUP && CONTROL_KINDS.includes(kind);
