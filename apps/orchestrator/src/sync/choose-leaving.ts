import { InvalidInputError } from '@flotilla/kernel';
import { objectName } from './judge-removal.js';
import type { LocalObject } from './local.store.js';

/** Names an answer lists. */
const LISTED = 20;

/**
 * Documents that are to be deleted, as people name them.
 * @param names as the conditions of the application give them, `Kind/name`; a bare name where only one waits under it
 * @throws InvalidInputError naming what does not wait
 */
export function chooseLeaving(
  waiting: readonly LocalObject[],
  { namespace, name, names }: { namespace: string; name: string; names: readonly string[] },
): LocalObject[] {
  const chosen = new Map<string, LocalObject>();
  const strangers: string[] = [];
  for (const text of names) {
    const exact = waiting.filter((object) => objectName(object, namespace) === text);
    const [object, other] = exact.length > 0 ? exact : waiting.filter((candidate) => candidate.name === text);
    if (object && !other) chosen.set(object.uid, object);
    else strangers.push(text);
  }
  if (strangers.length === 0) return [...chosen.values()];
  const known = waiting.map((object) => objectName(object, namespace));
  const list = known.length > 0 ? `waiting are ${known.slice(0, LISTED).join(', ')}` : 'nothing waits';
  throw new InvalidInputError(
    `${strangers.slice(0, LISTED).join(', ')} of Application ${name}: no deletion of exactly one document of that name waits; ${list}`,
    { names: strangers },
  );
}
