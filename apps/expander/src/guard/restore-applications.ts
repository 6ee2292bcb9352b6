import type { ConfirmDeletesRequest, ResourceDocument } from '@flotilla/contracts';
import { InvalidInputError, NotFoundError } from '@flotilla/kernel';
import type { ResourceStore } from '@flotilla/resources';
import { controllerOf, withoutMark } from '@flotilla/setplan';
import type { StoredSet } from '../sets/stored-set.js';

/**
 * Keeps applications whose deletion is held or waits for its restore window: they stand on their own from now on, as they are,
 * until their set generates them again.
 * @throws NotFoundError, InvalidInputError naming what is not about to be deleted
 */
export async function restoreApplications(store: ResourceStore, request: ConfirmDeletesRequest): Promise<{ message: string }> {
  const { namespace, name, actor } = request;
  const names = [...new Set(request.names)];
  return store.transaction({ actor }, async (tx) => {
    const set = await tx.getForUpdate<StoredSet>({ kind: 'ApplicationSet', namespace, name });
    if (!set) throw new NotFoundError(`ApplicationSet ${namespace}/${name} does not exist`, { namespace, name });
    const { heldDeletions: held = [], pendingDeletions: pending = [], ...status } = set.status ?? {};
    for (const one of names) {
      const application = await tx.getForUpdate({ kind: 'Application', namespace, name: one });
      const isLeaving = held.includes(one) || pending.some((deletion) => deletion.name === one);
      if (!application || !isLeaving || controllerOf(application)?.uid !== set.metadata.uid || application.metadata.deletionTimestamp) {
        throw new InvalidInputError(`${one} of ApplicationSet ${name}: no deletion of that name is held or pending`, { name: one });
      }
      await tx.update(standingAlone(application));
    }
    const heldDeletions = held.filter((one) => !names.includes(one));
    const pendingDeletions = pending.filter((deletion) => !names.includes(deletion.name));
    await tx.updateStatus<StoredSet>({ ...set, status: { ...status, heldDeletions, pendingDeletions } });
    return {
      message: `${names.length} ${names.length === 1 ? 'application stays and is' : 'applications stay and are'} no longer of set ${name}`,
    };
  });
}

function standingAlone(application: ResourceDocument): ResourceDocument {
  const { metadata, ...rest } = withoutMark(application);
  const ownerReferences = (metadata.ownerReferences ?? []).filter(({ controller }) => !controller);
  return { ...rest, metadata: { ...metadata, ownerReferences } };
}
