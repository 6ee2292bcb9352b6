import { jsonEqual } from '@flotilla/kernel';
import type { KubeObject, ManagedFieldsEntry } from '../storage.js';

export function withoutManagedFields(object: KubeObject): Record<string, unknown> {
  if (object.metadata?.managedFields === undefined) return object;
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function isSameButTime(before: readonly ManagedFieldsEntry[], after: readonly ManagedFieldsEntry[]): boolean {
  if (before.length !== after.length) return false;
  // New times may have changed the order.
  return after.every(
    (entry, i) => entry === before[i] || before.some((other) => jsonEqual({ ...entry, time: undefined }, { ...other, time: undefined })),
  );
}

/**
 * A write that would change nothing but times in managedFields is none: then the very `live` comes back, else `next`. To be asked after
 * defaulting, which may undo what an apply seemed to change. (apiserver v0.36, handlers/fieldmanager/equality.go)
 */
export function keepTimes(live: KubeObject, next: KubeObject): KubeObject {
  if (!isSameButTime(live.metadata.managedFields ?? [], next.metadata.managedFields ?? [])) return next;
  return jsonEqual(withoutManagedFields(live), withoutManagedFields(next)) ? live : next;
}
