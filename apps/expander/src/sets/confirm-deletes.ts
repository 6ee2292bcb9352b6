import type { ConfirmDeletesRequest } from '@flotilla/contracts';
import { InvalidInputError, NotFoundError } from '@flotilla/kernel';
import type { ResourceStore } from '@flotilla/resources';
import { releasedDeletions, withReleased } from '@flotilla/setplan';
import type { StoredSet } from './stored-set.js';

/**
 * Releases deletions that are held or wait for the end of their restore window, by name; the next reconcile carries them out and forgets them.
 * @throws NotFoundError, InvalidInputError naming what is not held
 */
export async function confirmDeletes(store: ResourceStore, request: ConfirmDeletesRequest): Promise<{ message: string }> {
  const { namespace, name, names, actor } = request;
  return store.transaction({ actor }, async (tx) => {
    const set = await tx.getForUpdate<StoredSet>({ kind: 'ApplicationSet', namespace, name });
    if (!set) throw new NotFoundError(`ApplicationSet ${namespace}/${name} does not exist`, { namespace, name });
    const pending = set.status?.pendingDeletions?.map((deletion) => deletion.name) ?? [];
    const held = [...(set.status?.heldDeletions ?? []), ...pending];
    const strangers = names.filter((one) => !held.includes(one));
    if (strangers.length > 0) {
      const list = held.length > 0 ? `held are ${held.slice(0, 20).join(', ')}` : 'nothing is held';
      throw new InvalidInputError(
        `${strangers.slice(0, 20).join(', ')} of ApplicationSet ${name}: no deletion of that name is held; ${list}`,
        {
          names: strangers,
        },
      );
    }
    await tx.update<StoredSet>(withReleased(set, [...releasedDeletions(set), ...names]));
    return { message: `${names.length} ${names.length === 1 ? 'deletion is' : 'deletions are'} released` };
  });
}
