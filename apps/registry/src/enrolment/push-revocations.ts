import type { Clock } from '@flotilla/kernel';
import type { Revocations } from '@flotilla/messaging';
import type { Database } from '@flotilla/persistence';
import { PgSpokeStore } from '../spokes/spoke.store.pg.js';

/** The revocations in force now. */
export function readRevocations(database: Database, clock: Clock): Promise<Revocations> {
  return database.transaction((tx) => new PgSpokeStore(tx).revocations(Math.floor(clock.now() / 1000)));
}

/**
 * Pushes the revocations to the NATS servers when they are not the ones this process pushed last: finishes what a
 * copy that died between commit and push left undone.
 */
export class PushRevocations {
  readonly #read: () => Promise<Revocations>;
  readonly #push: () => Promise<void>;
  #pushed = '{}';

  constructor(read: () => Promise<Revocations>, push: () => Promise<void>) {
    this.#read = read;
    this.#push = push;
  }

  async run(): Promise<void> {
    const text = JSON.stringify(Object.entries(await this.#read()).sort(([a], [b]) => (a < b ? -1 : 1)));
    if (text === this.#pushed) return;
    await this.#push();
    this.#pushed = text;
  }
}
