import type { SyncVerb } from '@flotilla/contracts';
import { type Clock, InvalidInputError, NotFoundError, newToken } from '@flotilla/kernel';
import type { FleetStore } from '../fleet/fleet.store.js';
import type { ReleaseStore } from '../releases/release.store.js';

/** Asks an application's agent to apply what is released for it, now. */
export class RequestSync {
  readonly #fleet: FleetStore;
  readonly #releases: ReleaseStore;
  readonly #clock: Clock;
  readonly #nudge: () => void;

  constructor(fleet: FleetStore, releases: ReleaseStore, clock: Clock, nudge: () => void) {
    this.#fleet = fleet;
    this.#releases = releases;
    this.#clock = clock;
    this.#nudge = nudge;
  }

  async request({ namespace, name, actor, sync = {}, retry }: SyncVerb): Promise<{ message: string; operation: string }> {
    const application = await this.#fleet.application(namespace, name);
    if (!application) throw new NotFoundError(`there is no Application ${namespace}/${name}, or it is being deleted`, { namespace, name });
    await this.#checkRevision(application.uid, sync?.revision);
    const id = newToken();
    const operation = { initiatedBy: { username: actor }, sync, ...(retry ? { retry } : {}) };
    await this.#fleet.request(application.uid, { id, operation }, this.#clock.now());
    this.#nudge();
    return { message: `sync of ${name} is on its way to its cluster`, operation: id };
  }

  /** What is released is pinned; another commit is another release, which a commit or a changed targetRevision makes. */
  async #checkRevision(uid: string, revision: string | undefined): Promise<void> {
    if (revision === undefined || revision === '') return;
    const assigned = (await this.#releases.assigned([uid])).get(uid);
    const release = assigned && (await this.#releases.release(assigned.release));
    const known = Object.entries(release?.revisions ?? {}).flatMap(([key, commit]) => [key.slice(key.indexOf('\n') + 1), commit]);
    if (known.some((text) => text === revision || (revision.length >= 7 && text.startsWith(revision)))) return;
    throw new InvalidInputError(
      `revision ${revision} is not the one released (${known.join(', ') || 'none'}); sync applies what is released, so change targetRevision to deploy another commit`,
      { revision },
    );
  }
}
