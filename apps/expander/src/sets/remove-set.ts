import type { Condition, ResourceDocument } from '@flotilla/contracts';
import { done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceTransaction } from '@flotilla/resources';
import { decideDeletions, ownedNames } from '@flotilla/setplan';
import { listAll } from '../inputs/list-documents.js';
import { releasedDeletions, withReleased } from './released-deletions.js';
import { setConditions } from './set-conditions.js';
import type { StoredSet } from './stored-set.js';

/** Ours: a set is gone only when the guard let its applications go. */
export const SET_FINALIZER = 'flotilla.dev/applications';
/** Kubernetes' own, for `kubectl delete --cascade=orphan`: the applications stay. */
const ORPHAN_FINALIZER = 'orphan';

/** A deleted set takes its applications along, through the same guard as a changed one; then its finalizer goes. */
export async function removeSet(tx: ResourceTransaction, key: ResourceKey, now: number): Promise<Outcome> {
  const set = await tx.getForUpdate<StoredSet>(key);
  if (!set?.metadata.deletionTimestamp || !set.metadata.finalizers?.includes(SET_FINALIZER)) return done;
  const namespace = set.metadata.namespace ?? '';
  const existing = new Map((await listAll(tx, 'Application', { namespace })).map((document) => [document.metadata.name, document]));
  const decision = isOrphaning(set) ? { delete: [], hold: [] } : decideDeletions(ownedNames(existing, set), [], releasedDeletions(set));
  for (const name of decision.delete) await deleteOwned(tx, existing.get(name)!);
  if (decision.hold.length === 0) {
    const finalizers = set.metadata.finalizers.filter((finalizer) => finalizer !== SET_FINALIZER);
    await tx.update<StoredSet>({ ...set, metadata: { ...set.metadata, finalizers } });
    return done;
  }
  const kept = releasedDeletions(set).length > 0 ? await tx.update(withReleased(set, [])) : set;
  const outcome = { refused: [], warnings: [], hold: decision.hold, setName: set.metadata.name };
  const conditions = setConditions(outcome, (set.status?.conditions ?? []) as Condition[], now);
  await tx.updateStatus<StoredSet>({ ...kept, status: { ...set.status, conditions, heldDeletions: decision.hold } });
  return done;
}

export const isOrphaning = ({ metadata }: StoredSet): boolean => metadata.finalizers?.includes(ORPHAN_FINALIZER) === true;

async function deleteOwned(tx: ResourceTransaction, { metadata }: ResourceDocument): Promise<void> {
  const { namespace = '', name, uid } = metadata;
  await tx.delete({ kind: 'Application', namespace, name }, uid ? { uid } : {});
}
