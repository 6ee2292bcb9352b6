import type { Clock } from '@flotilla/kernel';
import type { ResourceStore } from '@flotilla/resources';
import type { HistoryStore, HistoryUnit } from './history.store.js';

const ACTOR = { actor: 'service:orchestrator' };
/** Documents of each kind that one look takes away. */
const PER_LOOK = 50;

/** Forgets the releases and runs a unit no longer needs, rows and documents together, a few at a time. */
export class PruneHistory {
  readonly #store: ResourceStore;
  readonly #history: HistoryStore;
  readonly #clock: Clock;

  constructor(store: ResourceStore, history: HistoryStore, clock: Clock) {
    this.#store = store;
    this.#history = history;
    this.#clock = clock;
  }

  /** @returns when to go on, in milliseconds since the epoch */
  async prune(unit: string): Promise<number | undefined> {
    const known = await this.#history.unit(unit);
    if (!known) return undefined;
    const isGone = await this.#isGone(known);
    const { releases, rollouts } = await this.#history.old(unit, { isGone, limit: PER_LOOK });
    for (const rollout of rollouts) await this.#forget('FleetRollout', unit, rollout, isGone);
    for (const release of releases) await this.#forget('Release', unit, release, isGone);
    if (releases.length === PER_LOOK || rollouts.length === PER_LOOK) return this.#clock.now();
    if (isGone) await this.#history.forgetUnit(unit);
    return undefined;
  }

  /** The singleton's part: whatever a look missed is looked at again. */
  async sweep(): Promise<void> {
    await this.#history.sweep(this.#clock.now());
  }

  /** Its owner's document went, and with it the last application. */
  async #isGone({ kind, namespace, name, uid, isEmpty }: HistoryUnit): Promise<boolean> {
    return isEmpty && (await this.#store.get({ kind, namespace, name }))?.metadata.uid !== uid;
  }

  /** The document's row is held first, as whoever writes the summary does. */
  #forget(kind: 'Release' | 'FleetRollout', unit: string, id: string, isGone: boolean): Promise<void> {
    const slash = id.indexOf('/');
    const key = { kind, namespace: id.slice(0, slash), name: id.slice(slash + 1) };
    return this.#store.transaction(ACTOR, async (tx) => {
      const document = await tx.getForUpdate(key);
      const forget = kind === 'Release' ? this.#history.forgetRelease : this.#history.forgetRollout;
      if ((await forget.call(this.#history, tx.sql, unit, id, isGone)) && document) await tx.delete(key);
    });
  }
}
