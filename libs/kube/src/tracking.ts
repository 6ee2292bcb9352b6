import type { ObjectRef } from './identity.js';
import type { KubeMeta, KubeObject } from './kube-object.js';

export const TRACKING_ANNOTATION = 'flotilla.dev/tracking-id';
export const MANAGED_LABEL = 'flotilla.dev/managed';
export const PROTECTED_LABEL = 'flotilla.dev/protected';
export const FIELD_MANAGER = 'flotilla';
/** Argo CD 3 (A:util/argo/resource_tracking.go): `<app>:<group>/<Kind>:<namespace>/<name>`, `<ns>_<app>` outside its own namespace. */
export const ARGO_TRACKING_ANNOTATION = 'argocd.argoproj.io/tracking-id';

export interface AppRef {
  namespace: string;
  name: string;
}

/** `<ns>_<app>:<group>/<Kind>:<namespace>/<name>`: who applied the object, and as what. */
export function trackingId(app: AppRef, ref: ObjectRef): string {
  return `${app.namespace}_${app.name}:${ref.group}/${ref.kind}:${ref.namespace}/${ref.name}`;
}

/** The object with our label and tracking id; nothing else of it changes. */
export function stampTracking(object: KubeObject, fleet: string, id: string): KubeObject {
  const { labels, annotations } = object.metadata;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...labels, [MANAGED_LABEL]: fleet },
      annotations: { ...annotations, [TRACKING_ANNOTATION]: id },
    },
  };
}

export type Owner =
  | { kind: 'ours' }
  /** Nobody's, or tracked by Argo CD for the very application that now claims it. */
  | { kind: 'free' }
  | { kind: 'other'; owner: string };

/**
 * Whose a live object is. A tracking id counts only when it names the object it is on: a copy made with
 * `kubectl get -o yaml | kubectl apply` carries a foreign one.
 */
export function ownerOf(meta: KubeMeta, app: AppRef, ref: ObjectRef, fleet: string): Owner {
  const id = meta.annotations?.[TRACKING_ANNOTATION];
  if (id !== undefined && namesObject(id, ref)) {
    const label = meta.labels?.[MANAGED_LABEL];
    if (label !== undefined && label !== fleet) return { kind: 'other', owner: `fleet ${label}` };
    return id === trackingId(app, ref) ? { kind: 'ours' } : { kind: 'other', owner: id.slice(0, id.indexOf(':')).replace('_', '/') };
  }
  const argo = meta.annotations?.[ARGO_TRACKING_ANNOTATION];
  if (argo === undefined || !namesObject(argo, ref)) return { kind: 'free' };
  const argoApp = argo.slice(0, argo.indexOf(':'));
  return argoApp === app.name || argoApp === `${app.namespace}_${app.name}`
    ? { kind: 'free' }
    : { kind: 'other', owner: `Argo CD application ${argoApp}` };
}

function namesObject(id: string, ref: ObjectRef): boolean {
  return id.endsWith(`:${ref.group}/${ref.kind}:${ref.namespace}/${ref.name}`);
}
