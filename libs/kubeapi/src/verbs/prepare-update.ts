import { jsonEqual } from '@flotilla/kernel';
import { conflict, invalid, modified } from '../http/kube-api.errors.js';
import type { KubeMeta, KubeObject } from '../storage.js';
import type { ApiCall } from './api-call.js';

/** Metadata that only the server writes. */
const SERVER_METADATA = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'resourceVersion',
] as const;

/**
 * The object an update stores: preconditions checked, what the server owns taken from the live object, the part that
 * belongs to another subresource left as it is, generation raised when the content changes.
 */
export function prepareUpdate(call: ApiCall, wanted: KubeObject, live: KubeObject): KubeObject {
  checkPreconditions(call, wanted, live);
  const merged = call.subresource === 'status' ? withStatusOf(live, wanted) : withContentOf(call, wanted, live);
  const metadata = carryMetadata(merged.metadata, live.metadata);
  if (call.resource.tracksGeneration && call.subresource !== 'status' && contentDiffers(merged, live)) {
    metadata.generation = (live.metadata.generation ?? 0) + 1;
  }
  checkFinalizers(call, metadata, live.metadata);
  return { ...merged, metadata };
}

function checkPreconditions({ resource, name }: ApiCall, wanted: KubeObject, live: KubeObject): void {
  const { uid, resourceVersion } = wanted.metadata;
  if (uid && uid !== live.metadata.uid) {
    const cause = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`;
    throw conflict(resource.group, resource.plural, name, cause);
  }
  if (resourceVersion && resourceVersion !== live.metadata.resourceVersion) throw modified(resource, name);
}

function withStatusOf(live: KubeObject, wanted: KubeObject): KubeObject {
  const { status: _, ...rest } = live;
  return (wanted.status === undefined ? rest : { ...rest, status: wanted.status }) as KubeObject;
}

function withContentOf({ resource }: ApiCall, wanted: KubeObject, live: KubeObject): KubeObject {
  if (resource.subresources.status !== true) return wanted;
  const { status: _, ...rest } = wanted;
  return (live.status === undefined ? rest : { ...rest, status: live.status }) as KubeObject;
}

function carryMetadata(next: KubeMeta, live: KubeMeta): KubeMeta {
  const metadata: KubeMeta = { ...next, name: live.name };
  if (live.namespace !== undefined) metadata.namespace = live.namespace;
  for (const field of SERVER_METADATA) {
    if (live[field] === undefined) delete metadata[field];
    else (metadata as Record<string, unknown>)[field] = live[field];
  }
  return metadata;
}

function contentDiffers(next: KubeObject, live: KubeObject): boolean {
  const content = ({ metadata: _, status: __, apiVersion: ___, ...rest }: KubeObject): Record<string, unknown> => rest;
  return !jsonEqual(content(next), content(live));
}

function checkFinalizers({ resource, name }: ApiCall, next: KubeMeta, live: KubeMeta): void {
  if (live.deletionTimestamp === undefined) return;
  const added = (next.finalizers ?? []).filter((finalizer) => !live.finalizers?.includes(finalizer));
  if (added.length === 0) return;
  const list = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`;
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${list}`;
  throw invalid(resource, name, [{ reason: 'FieldValueForbidden', message, field: 'metadata.finalizers' }]);
}
