import { parseObjectKey } from './identity.js';
import type { KubeMeta } from './kube-object.js';
import { optionValue, SYNC_OPTIONS_ANNOTATION } from './sync-options.js';
import { type AppRef, ownerOf, PROTECTED_LABEL } from './tracking.js';

/** What we know of one object we applied. Keys of an inventory are `group/Kind/namespace/name`. */
export interface InventoryEntry {
  version: string;
  wave: number;
  /** Unknown only between the announcement of an apply and its answer. */
  uid?: string;
}

/** What is ours but no longer desired, by key: old minus new. */
export function leftOver<T extends InventoryEntry>(inventory: ReadonlyMap<string, T>, desired: ReadonlySet<string>): Map<string, T> {
  return new Map([...inventory].filter(([key]) => !desired.has(key)));
}

export type PruneVerdict =
  | { prune: true; uid: string }
  /** Nothing live to delete any more, or something that is not what we applied: forget the entry. */
  | { prune: false; forget: true; reason: string }
  /** Ours, and to be left alone: the entry stays. */
  | { prune: false; forget: false; reason: string };

export interface PruneContext {
  app: AppRef;
  fleet: string;
  /** The Application carries `argocd.argoproj.io/deletion-approved`. */
  deletionApproved: boolean;
  /** True when the whole application goes: then `Delete=false` counts besides `Prune=false`. */
  removal?: boolean;
}

const APPROVAL_KINDS = new Set([
  '/Namespace',
  'apiextensions.k8s.io/CustomResourceDefinition',
  '/PersistentVolume',
  '/PersistentVolumeClaim',
]);

/**
 * Whether a live object may be deleted. All must hold: it is in the inventory, its tracking id is ours, it is the very
 * object we applied (uid), nothing protects it, and kinds whose deletion takes data along are approved.
 */
export function judgePrune(key: string, entry: InventoryEntry, live: KubeMeta | undefined, context: PruneContext): PruneVerdict {
  if (!live) return { prune: false, forget: true, reason: 'already gone' };
  const ref = parseObjectKey(key);
  if (!ref || !live.uid) return { prune: false, forget: false, reason: 'its identity cannot be read' };
  if (ownerOf(live, context.app, ref, context.fleet).kind !== 'ours') {
    return { prune: false, forget: true, reason: 'its tracking id is not ours' };
  }
  if (entry.uid !== undefined && entry.uid !== live.uid) {
    return { prune: false, forget: true, reason: 'it was replaced by another object of the same name' };
  }
  const label = live.labels?.[PROTECTED_LABEL];
  if (label !== undefined && label !== 'false') return { prune: false, forget: false, reason: `label ${PROTECTED_LABEL} protects it` };
  const options = live.annotations?.[SYNC_OPTIONS_ANNOTATION]?.split(',').map((option) => option.trim());
  for (const option of context.removal ? ['Prune', 'Delete'] : ['Prune']) {
    if (optionValue(option, options) === 'false') return { prune: false, forget: false, reason: `sync option ${option}=false keeps it` };
  }
  if (APPROVAL_KINDS.has(`${ref.group}/${ref.kind}`) && !context.deletionApproved) {
    return { prune: false, forget: false, reason: `deleting a ${ref.kind} needs argocd.argoproj.io/deletion-approved on the Application` };
  }
  return { prune: true, uid: live.uid };
}

/**
 * Waves of prunes are mirrored (Argo CD swaps the distinct prune waves symmetrically), so that what came last goes first.
 * With `last` all of them run one wave after `lastSyncWave`.
 */
export function mirrorPruneWaves(waves: readonly number[], last: boolean, lastSyncWave: number): number[] {
  if (last) return waves.map(() => lastSyncWave + 1);
  const distinct = [...new Set(waves)].sort((a, b) => a - b);
  const mirrored = new Map(distinct.map((wave, i) => [wave, distinct[distinct.length - 1 - i]!]));
  return waves.map((wave) => mirrored.get(wave)!);
}
