import type { ConfirmDeletesRequest } from '@flotilla/contracts';
import { type Clock, InvalidInputError, NotFoundError } from '@flotilla/kernel';
import { objectName } from './judge-removal.js';
import type { LocalObject, LocalStore } from './local.store.js';

/** Names an answer lists. */
const LISTED = 20;

/** Lets deletions of documents that an application of applications keeps in the hub's own store go on, by name. */
export class ConfirmRemoval {
  readonly #local: LocalStore;
  readonly #clock: Clock;
  readonly #nudge: () => void;

  constructor(local: LocalStore, clock: Clock, nudge: () => void) {
    this.#local = local;
    this.#clock = clock;
    this.#nudge = nudge;
  }

  /**
   * @param request names as the conditions of the application give them, `Kind/name`; a bare name where only one waits under it
   * @throws NotFoundError, InvalidInputError naming what is not held
   */
  async confirm({ namespace, name, names, actor }: ConfirmDeletesRequest): Promise<{ message: string }> {
    const application = await this.#local.leaving(namespace, name);
    if (!application) throw new NotFoundError(`Application ${namespace}/${name} does not exist`, { namespace, name });
    const waiting = application.objects;
    const chosen = new Map<string, LocalObject>();
    const strangers: string[] = [];
    for (const text of names) {
      const exact = waiting.filter((object) => objectName(object, namespace) === text);
      const [object, other] = exact.length > 0 ? exact : waiting.filter((candidate) => candidate.name === text);
      if (object && !other) chosen.set(object.uid, object);
      else strangers.push(text);
    }
    if (strangers.length > 0) {
      const known = waiting.map((object) => objectName(object, namespace));
      const list = known.length > 0 ? `waiting are ${known.slice(0, LISTED).join(', ')}` : 'nothing waits';
      throw new InvalidInputError(
        `${strangers.slice(0, LISTED).join(', ')} of Application ${name}: no deletion of exactly one document of that name waits; ${list}`,
        { names: strangers },
      );
    }
    await this.#local.release(application.uid, [...chosen.values()], actor, this.#clock.now());
    this.#nudge();
    return { message: `${chosen.size} ${chosen.size === 1 ? 'deletion is' : 'deletions are'} released` };
  }
}
