import type { ConfirmDeletesRequest } from '@flotilla/contracts';
import { type Clock, NotFoundError } from '@flotilla/kernel';
import { chooseLeaving } from './choose-leaving.js';
import type { LocalStore } from './local.store.js';

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

  /** @throws NotFoundError, InvalidInputError naming what is not held */
  async confirm({ namespace, name, names, actor }: ConfirmDeletesRequest): Promise<{ message: string }> {
    const application = await this.#local.leaving(namespace, name);
    if (!application) throw new NotFoundError(`Application ${namespace}/${name} does not exist`, { namespace, name });
    const chosen = chooseLeaving(application.objects, { namespace, name, names });
    await this.#local.release(application.uid, chosen, actor, this.#clock.now());
    this.#nudge();
    return { message: `${chosen.length} ${chosen.length === 1 ? 'deletion is' : 'deletions are'} released` };
  }
}
