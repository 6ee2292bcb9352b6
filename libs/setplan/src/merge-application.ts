import { type ApplicationSet, DELETE_AFTER_ANNOTATION, type OwnerReference, type ResourceDocument } from '@flotilla/contracts';
import { isObject, jsonEqual } from '@flotilla/kernel';
import { keepIgnored } from './keep-ignored.js';

/** Annotations other parts write on generated applications; losing one would repeat or forget what they did. */
const PRESERVED_ANNOTATIONS = [
  'notified.notifications.argoproj.io',
  'argocd.argoproj.io/refresh',
  'argocd.argoproj.io/hydrate',
  'argocd.argoproj.io/deletion-approved',
];
const OUR_PREFIX = 'flotilla.dev/';
const DELETE_FINALIZERS = ['pre-delete-finalizer.argocd.argoproj.io', 'post-delete-finalizer.argocd.argoproj.io'];

/**
 * The stored application as its set wants it: labels, annotations, finalizers and spec are the generated ones but for what
 * is preserved or ignored. Source: argo-cd applicationset/utils/createOrUpdate.go.
 *
 * @returns undefined when nothing changes
 */
export function mergeApplication(
  generated: ResourceDocument,
  existing: ResourceDocument,
  set: ApplicationSet,
): ResourceDocument | undefined {
  const { preservedFields } = set.spec;
  const wanted = structuredClone(generated);
  keepIgnored(wanted, existing, set);
  const finalizers = [...(wanted.metadata.finalizers ?? []), ...(existing.metadata.finalizers ?? []).filter(isOthersFinalizer)];
  const merged: ResourceDocument = {
    ...existing,
    metadata: {
      ...existing.metadata,
      labels: preserve(wanted.metadata.labels, existing.metadata.labels, preservedFields?.labels ?? []),
      annotations: preserve(wanted.metadata.annotations, withoutMark(existing).metadata.annotations, [
        ...PRESERVED_ANNOTATIONS,
        ...(preservedFields?.annotations ?? []),
      ]),
      finalizers: finalizers.length > 0 ? [...new Set(finalizers)] : undefined,
      ownerReferences: [ownerReferenceTo(set), ...(existing.metadata.ownerReferences ?? []).filter(({ controller }) => !controller)],
    },
    spec: wanted.spec,
  };
  return jsonEqual(compact(merged), compact(existing)) ? undefined : merged;
}

/** The application as it was before its deletion was decided. */
export function withoutMark(document: ResourceDocument): ResourceDocument {
  if (document.metadata.annotations?.[DELETE_AFTER_ANNOTATION] === undefined) return document;
  const { [DELETE_AFTER_ANNOTATION]: _, ...annotations } = document.metadata.annotations;
  return { ...document, metadata: { ...document.metadata, annotations } };
}

export function ownerReferenceTo(set: ApplicationSet): OwnerReference {
  const { apiVersion, kind, metadata } = set;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true, blockOwnerDeletion: true };
}

export function controllerOf(document: ResourceDocument): OwnerReference | undefined {
  return document.metadata.ownerReferences?.find(({ controller }) => controller);
}

/** Without the one that waits for the spokes, an application would be gone before its objects are. */
const isOthersFinalizer = (finalizer: string): boolean =>
  finalizer.startsWith(OUR_PREFIX) || DELETE_FINALIZERS.some((prefix) => finalizer.startsWith(prefix));

type StringMap = Record<string, string>;

function preserve(wanted: StringMap | undefined, existing: StringMap | undefined, keys: readonly string[]): StringMap | undefined {
  const kept = Object.entries(existing ?? {}).filter(([key]) => keys.includes(key) || key.startsWith(OUR_PREFIX));
  const all = { ...Object.fromEntries(kept), ...wanted };
  return Object.keys(all).length > 0 ? all : undefined;
}

/** Empty maps and lists are the same as none. */
function compact(document: ResourceDocument): unknown {
  const { labels, annotations, finalizers, ...metadata } = document.metadata;
  const some = (value: unknown) => (isObject(value) ? Object.keys(value).length > 0 : Array.isArray(value) && value.length > 0);
  return {
    ...document,
    metadata: {
      ...metadata,
      ...(some(labels) ? { labels } : {}),
      ...(some(annotations) ? { annotations } : {}),
      ...(some(finalizers) ? { finalizers } : {}),
    },
  };
}
