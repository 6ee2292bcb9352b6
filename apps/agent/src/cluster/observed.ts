import {
  ARGO_TRACKING_ANNOTATION,
  healthOf,
  ignoresHealth,
  type KubeMeta,
  type KubeObject,
  MANAGED_LABEL,
  objectKey,
  PROTECTED_LABEL,
  projectionDigest,
  type ResourceHealth,
  refOf,
  SYNC_OPTIONS_ANNOTATION,
  type TextDigest,
  TRACKING_ANNOTATION,
  versionOf,
} from '@flotilla/kube';

/** What the agent remembers of a live object: enough to decide, small enough to keep for all of them. */
export interface Observed {
  /** `group/Kind/namespace/name` */
  key: string;
  version: string;
  meta: KubeMeta;
  /** Digest of the object projected on what `flotilla` owns of it; undefined when it owns nothing. */
  projection?: string;
  health?: ResourceHealth;
  ignoresHealth: boolean;
  deleting: boolean;
}

const KEPT_LABELS = [MANAGED_LABEL, PROTECTED_LABEL];
const KEPT_ANNOTATIONS = [TRACKING_ANNOTATION, ARGO_TRACKING_ANNOTATION, SYNC_OPTIONS_ANNOTATION];

export function observe(object: KubeObject, digest: TextDigest): Observed {
  const { name, namespace, uid, resourceVersion, labels, annotations } = object.metadata;
  return {
    key: objectKey(refOf(object)),
    version: versionOf(object.apiVersion),
    meta: { name, namespace, uid, resourceVersion, labels: pick(labels, KEPT_LABELS), annotations: pick(annotations, KEPT_ANNOTATIONS) },
    projection: projectionDigest(object, digest),
    health: healthOf(object),
    ignoresHealth: ignoresHealth(object),
    deleting: object.metadata.deletionTimestamp !== undefined,
  };
}

function pick(from: Record<string, string> | undefined, names: readonly string[]): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of names) {
    const value = from?.[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

/** Where an observation is kept: two versions of one kind have fields of their own. */
export const observedKey = (version: string, key: string): string => `${version}:${key}`;

/** Whether `a` is certainly older than `b`: resource versions of one resource are decimal and grow. */
export function isOlderVersion(a: string | undefined, b: string | undefined): boolean {
  if (!a || !b || !/^\d+$/.test(a) || !/^\d+$/.test(b)) return false;
  return a.length < b.length || (a.length === b.length && a < b);
}
