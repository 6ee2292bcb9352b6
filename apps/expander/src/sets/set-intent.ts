import { MAX_INTENT_NAMES, type SetIntent } from '@flotilla/contracts';
import type { Expansion } from '@flotilla/generators';
import type { ResourceStore } from '@flotilla/resources';
import { ownedNames, planApplications, releasedDeletions } from '@flotilla/setplan';
import { readGuard } from '../guard/read-guard.js';
import { listAll } from '../inputs/list-documents.js';
import type { SetInputDocuments } from '../inputs/read-inputs.js';
import { refuseApplication } from './refuse-application.js';
import { planSetRemoval } from './remove-set.js';
import type { StoredSet } from './stored-set.js';

/** What the next reconcile would do to the applications of a stored set, by the same decisions, writing nothing. */
export async function intentOf(
  store: ResourceStore,
  set: StoredSet,
  inputs: SetInputDocuments,
  expansion: Expansion,
  now: number,
): Promise<SetIntent> {
  const namespace = set.metadata.namespace ?? '';
  const existing = new Map((await listAll(store, 'Application', { namespace })).map((document) => [document.metadata.name, document]));
  const released = releasedDeletions(set);
  if (set.metadata.deletionTimestamp) {
    const { removal } = await planSetRemoval(store, set, existing, now);
    return { create: listed([]), change: listed([]), delete: listed(goingOf(removal)), hold: listed(removal.hold) };
  }
  const refuse: Parameters<typeof planApplications>[0]['refuse'] = (document, previous) => refuseApplication(document, previous, inputs);
  const owned = ownedNames(existing, set).map((name) => existing.get(name)!);
  const { guard } = await readGuard(store, { set, owned, ...inputs, now });
  const plan = planApplications({ set, expansion, existing, released, guard, refuse });
  const namesOf = (documents: typeof plan.create): string[] => documents.map(({ metadata }) => metadata.name).sort();
  return {
    create: listed(namesOf(plan.create)),
    change: listed(namesOf(plan.update)),
    delete: listed(goingOf(plan)),
    hold: listed(plan.hold),
  };
}

const listed = (names: readonly string[]): SetIntent['create'] => ({ total: names.length, names: names.slice(0, MAX_INTENT_NAMES) });

/** What waits for the end of its restore window goes as well. */
function goingOf({ delete: gone, pending }: { delete: readonly string[]; pending: readonly { name: string }[] }): string[] {
  return [...gone, ...pending.map(({ name }) => name)].sort();
}
