import { canonicalJson } from '@flotilla/kernel';
import { appliedFields, type FieldSet, projectFields, unionFields } from './field-set.js';
import type { KubeMeta, KubeObject, ManagedFieldsEntry } from './kube-object.js';
import { FIELD_MANAGER } from './tracking.js';

/** Turns text into a digest; keyed where the text may hold secrets. */
export type TextDigest = (text: string) => string;

/**
 * The digest of a live object seen through what `flotilla` owns of it: it changes when an owned value changes or when
 * ownership is lost, and stays when others write their own fields. Undefined when `flotilla` owns nothing.
 */
export function projectionDigest(live: KubeObject, digest: TextDigest): string | undefined {
  const fields = appliedFields(live.metadata, FIELD_MANAGER);
  if (!fields) return undefined;
  return digest(canonicalJson({ fields, value: projectFields(live, fields) }));
}

/** Managers whose fields the first apply takes over: what Git now says was theirs to say before. */
const PREDECESSORS = ['kubectl-client-side-apply', 'argocd-controller'];

/**
 * managedFields with the fields of `kubectl-client-side-apply` and `argocd-controller` handed to `flotilla`'s apply, so that
 * what Git no longer names goes away with the next apply (as client-go's csaupgrade does it). Undefined when none is there.
 */
export function takeOverManagedFields(meta: KubeMeta): ManagedFieldsEntry[] | undefined {
  const entries = meta.managedFields ?? [];
  const theirs = entries.filter((entry) => PREDECESSORS.includes(entry.manager ?? '') && !entry.subresource);
  if (theirs.length === 0) return undefined;
  const ours = entries.find((entry) => entry.manager === FIELD_MANAGER && entry.operation === 'Apply' && !entry.subresource);
  const fields = [ours, ...theirs].reduce<FieldSet>((all, entry) => unionFields(all, entry?.fieldsV1 ?? {}), {});
  const merged = { ...(ours ?? theirs[0]!), manager: FIELD_MANAGER, operation: 'Apply', fieldsV1: fields };
  return [...entries.filter((entry) => entry !== ours && !theirs.includes(entry)), merged];
}
