import { type AppProject, type Cluster, CONTROL_NAMESPACE, type ResourceDocument } from '@flotilla/contracts';
import { again, done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore, ResourceTransaction } from '@flotilla/resources';
import { ownedNames, planRemoval, releasedDeletions, untilDue, withReleased } from '@flotilla/setplan';
import { readGuard } from '../guard/read-guard.js';
import { listAll } from '../inputs/list-documents.js';
import { deletionTurn } from './deletion-turn.js';
import { statusOf } from './set-status.js';
import type { StoredSet } from './stored-set.js';

/** Ours: a set is gone only when the guard let its applications go. */
export const SET_FINALIZER = 'flotilla.dev/applications';
/** Kubernetes' own, for `kubectl delete --cascade=orphan`: the applications stay. */
const ORPHAN_FINALIZER = 'orphan';
/** How often Argo CD looks whether the step that goes first is gone. */
const NEXT_STEP_MS = 10_000;

/** A deleted set takes its applications along, through the same guard as a changed one; then its finalizer goes. */
export async function removeSet(tx: ResourceTransaction, key: ResourceKey, now: number): Promise<Outcome> {
  const set = await tx.getForUpdate<StoredSet>(key);
  if (!set?.metadata.deletionTimestamp || !set.metadata.finalizers?.includes(SET_FINALIZER)) return done;
  const namespace = set.metadata.namespace ?? '';
  const existing = new Map((await listAll(tx, 'Application', { namespace })).map((document) => [document.metadata.name, document]));
  const { removal, warnings } = await planSetRemoval(tx, set, existing, now);
  for (const document of removal.mark) await tx.update(document);
  const turn = deletionTurn(set, existing, removal.delete);
  for (const name of turn.now) await deleteOwned(tx, existing.get(name)!);
  if (removal.hold.length + removal.pending.length + turn.later.length === 0) {
    const finalizers = set.metadata.finalizers.filter((finalizer) => finalizer !== SET_FINALIZER);
    await tx.update<StoredSet>({ ...set, metadata: { ...set.metadata, finalizers } });
    return done;
  }
  const released = releasedDeletions(set);
  const unused = released.filter((name) => turn.later.includes(name));
  const kept = unused.length < released.length ? await tx.update(withReleased(set, unused)) : set;
  const reasons = removal.hold.map((name) => ({ name, reason: 'SetDeleted', message: `ApplicationSet ${set.metadata.name} is deleted` }));
  const said = turn.remark ? [...warnings, turn.remark] : warnings;
  const outcome = { refused: [], warnings: said, hold: removal.hold, holdRule: removal.rule, reasons, pending: removal.pending };
  await tx.updateStatus<StoredSet>({ ...kept, status: statusOf(set, outcome, set.status?.applications, now) });
  const waits = [untilDue(removal.pending, now), turn.later.length > 0 ? NEXT_STEP_MS : undefined];
  const soonest = Math.min(...waits.filter((wait) => wait !== undefined));
  return Number.isFinite(soonest) ? again(soonest) : done;
}

/** What the deletion of a set does to its applications now. */
export async function planSetRemoval(
  reader: Pick<ResourceStore | ResourceTransaction, 'get' | 'list'>,
  set: StoredSet,
  existing: ReadonlyMap<string, ResourceDocument>,
  now: number,
): Promise<{ removal: ReturnType<typeof planRemoval>; warnings: string[] }> {
  if (isOrphaning(set)) return { removal: { delete: [], hold: [], pending: [], mark: [] }, warnings: [] };
  const owned = ownedNames(existing, set).map((name) => existing.get(name)!);
  const clusters = await listAll<Cluster & ResourceDocument>(reader, 'Cluster');
  const projects = await listAll<AppProject & ResourceDocument>(reader, 'AppProject', { namespace: CONTROL_NAMESPACE });
  const byName = new Map(projects.map((project) => [project.metadata.name, project]));
  const { guard, warnings } = await readGuard(reader, { set, owned, clusters, projects: byName, now });
  return { removal: planRemoval({ set, existing, released: releasedDeletions(set), guard }, []), warnings };
}

export const isOrphaning = ({ metadata }: StoredSet): boolean => metadata.finalizers?.includes(ORPHAN_FINALIZER) === true;

async function deleteOwned(tx: ResourceTransaction, { metadata }: ResourceDocument): Promise<void> {
  const { namespace = '', name, uid } = metadata;
  await tx.delete({ kind: 'Application', namespace, name }, uid ? { uid } : {});
}
