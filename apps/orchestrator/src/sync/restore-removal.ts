import type { ConfirmDeletesRequest } from '@flotilla/contracts';
import { type Clock, InvalidInputError, NotFoundError } from '@flotilla/kernel';
import { chooseLeaving } from './choose-leaving.js';
import { objectName } from './judge-removal.js';
import type { LocalStore } from './local.store.js';
import type { WriteLocal } from './write-local.js';

/** Keeps documents that an application of applications would delete: they stand on their own, until its source has them again. */
export class RestoreRemoval {
  readonly #local: LocalStore;
  readonly #write: WriteLocal;
  readonly #clock: Clock;
  readonly #nudge: () => void;

  constructor(local: LocalStore, write: WriteLocal, clock: Clock, nudge: () => void) {
    this.#local = local;
    this.#write = write;
    this.#clock = clock;
    this.#nudge = nudge;
  }

  /**
   * All of those named, or none.
   * @throws NotFoundError, InvalidInputError naming what is not held or pending, or is deleted already
   */
  async restore({ namespace, name, names, actor }: ConfirmDeletesRequest): Promise<{ message: string }> {
    const parent = await this.#local.leaving(namespace, name);
    if (!parent) throw new NotFoundError(`Application ${namespace}/${name} does not exist`, { namespace, name });
    const chosen = chooseLeaving(parent.objects, { namespace, name, names });
    const late = await this.#write.release({ namespace, name }, chosen, actor);
    if (late) {
      const text = objectName(late, namespace);
      throw new InvalidInputError(`${text} of Application ${name} is deleted already, or not its own any more`, { name: text });
    }
    // The documents changed, which wakes their parent too; this is sooner.
    for (const object of chosen) await this.#local.wake(object, this.#clock.now());
    this.#nudge();
    return { message: `${chosen.length} ${chosen.length === 1 ? 'document stays and is' : 'documents stay and are'} no longer of ${name}` };
  }
}
