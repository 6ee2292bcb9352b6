import type { DesiredApp } from '@flotilla/contracts';
import { MANAGED_LABEL, TRACKING_ANNOTATION, trackingId } from '@flotilla/kube';
import type { ApiResourceInfo } from '@flotilla/kubeclient';
import type { Observed } from '../cluster/observed.js';
import type { ObjectRecord } from './app-record.js';
import type { ResolvedItem } from './resolve-items.js';

/** Builders of one application's parts, as small as the plan takes them. */
export const info: ApiResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
  verbs: [],
  subresources: [],
};
export const desired = (more: Partial<DesiredApp> = {}): DesiredApp => ({
  uid: 'u',
  namespace: 'argocd',
  name: 'shop',
  project: 'default',
  release: 'r1',
  revision: 'abc',
  bundle: 'b'.repeat(64),
  destinationNamespace: 'web',
  apply: true,
  syncPolicy: { automated: { prune: true, selfHeal: true } },
  ...more,
});
export const item = (name: string, more: Partial<ResolvedItem> = {}): ResolvedItem => ({
  group: '',
  version: 'v1',
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'web',
  name,
  digest: 'd',
  wave: 0,
  key: `/ConfigMap/web/${name}`,
  info,
  ...more,
});
export const observed = (of: ResolvedItem, more: Partial<Observed> = {}): Observed => ({
  key: of.key,
  version: 'v1',
  meta: {
    name: of.name,
    uid: `uid-${of.name}`,
    labels: { [MANAGED_LABEL]: 'f' },
    annotations: { [TRACKING_ANNOTATION]: trackingId(desired(), of) },
  },
  projection: 'p',
  ignoresHealth: false,
  deleting: false,
  ...more,
});
export const applied = (of: ResolvedItem, more: Partial<ObjectRecord> = {}): ObjectRecord => ({
  version: 'v1',
  wave: of.wave,
  uid: `uid-${of.name}`,
  applied: 'd',
  projection: 'p',
  ...more,
});
