import { jsonEqual } from '@flotilla/kernel';
import type { KubeObject, ManagedFieldsEntry } from '../storage.js';

/** Whether a write changes nothing but times of managedFields: such a write stores nothing and keeps the resourceVersion. */
export function isUnchanged(live: KubeObject, next: KubeObject): boolean {
  const { metadata: liveMetadata, ...liveRest } = live;
  const { metadata: nextMetadata, ...nextRest } = next;
  const { managedFields: liveManaged, ...liveMeta } = liveMetadata;
  const { managedFields: nextManaged, ...nextMeta } = nextMetadata;
  return jsonEqual(liveRest, nextRest) && jsonEqual(liveMeta, nextMeta) && jsonEqual(timeless(liveManaged), timeless(nextManaged));
}

function timeless(entries: readonly ManagedFieldsEntry[] | undefined): unknown[] {
  return (entries ?? []).map(({ time: _, ...rest }) => rest);
}
