import type { Condition, ResourceDocument } from '@flotilla/contracts';
import type { Clock } from '@flotilla/kernel';
import type { ResourceStore } from '@flotilla/resources';
import type { FleetApplication } from '../fleet/fleet.store.js';
import { judgeRemoval, type Leaving, type RemovalPlan, type RemovalQuestion } from './judge-removal.js';
import type { LocalObject } from './local.store.js';
import { readLocalGuard } from './read-local-guard.js';
import type { WriteLocal } from './write-local.js';

/** What became of documents an application no longer wants. */
export interface RemovalOutcome extends Pick<RemovalPlan, 'held' | 'pending' | 'off' | 'rule'> {
  /** Deleted, and still there; `why` is what their own controllers say. */
  going: { object: LocalObject; why?: string }[];
  /** Settings of the guard that cannot be read. */
  warnings: string[];
  /** How many documents the application had. */
  of: number;
}

export interface RemovalRequest extends Pick<RemovalQuestion, 'wantedBy'> {
  application: FleetApplication;
  /** Documents it no longer wants. */
  leaving: readonly LocalObject[];
  staying: readonly string[];
}

/** Conditions by which documents say that their own deletion is held. */
const HOLDS = ['Held', 'DeletionHeld', 'DeletionError'];

/** Deletes from the hub's own store what the guard lets go. */
export class RemoveLocal {
  readonly #store: ResourceStore;
  readonly #write: WriteLocal;
  readonly #clock: Clock;

  constructor(store: ResourceStore, write: WriteLocal, clock: Clock) {
    this.#store = store;
    this.#write = write;
    this.#clock = clock;
  }

  async run({ application, leaving: objects, staying, wantedBy }: RemovalRequest): Promise<RemovalOutcome> {
    const now = this.#clock.now();
    const { settings, approval, isProtected, warnings } = await readLocalGuard(this.#store, application, now);
    const leaving: Leaving[] = [];
    for (const object of objects) {
      const document = await this.#write.look(application, object);
      if (document)
        leaving.push({ object, isGoing: document.metadata.deletionTimestamp !== undefined, isProtected: isProtected(document) });
    }
    const plan = judgeRemoval({ leaving, staying, settings, approval, wantedBy, now });
    const outcome: RemovalOutcome = { ...plan, going: [], warnings, of: leaving.length + staying.length };
    for (const { object, isProtected: isKnownProtected } of plan.remove) {
      const left = await this.#write.remove(application, object, isKnownProtected);
      if (left) outcome.going.push({ object: { ...object, leftAt: object.leftAt ?? now }, ...whyOf(left) });
    }
    return outcome;
  }
}

function whyOf({ status }: ResourceDocument): { why?: string } {
  const { conditions } = (status ?? {}) as { conditions?: Condition[] };
  const held = conditions?.find(({ type, status: state }) => HOLDS.includes(type) && (state === undefined || state === 'True'));
  return held?.message ? { why: held.message } : {};
}

/** Everything of an outcome whose deletion goes on or waits. */
export const leavingOf = ({ held, pending, going }: RemovalOutcome): LocalObject[] => [
  ...held,
  ...pending.map(({ deleteAt: _deleteAt, ...object }) => object),
  ...going.map(({ object }) => object),
];

/** Everything of an outcome that is still in the store. */
export const leftOf = (outcome: RemovalOutcome): LocalObject[] => [
  ...leavingOf(outcome),
  ...outcome.off.map(({ kind, namespace, name, uid }) => ({ kind, namespace, name, uid })),
];

/** Events wake who waits; this is for one that came between the look and the waiting, */
const SOON_MS = 1_000;
/** and this for one that was lost. */
const RESYNC_MS = 5 * 60_000;

/** When to look again by time alone, in milliseconds since the epoch. */
export function nextLook(outcome: RemovalOutcome, before: readonly LocalObject[], now: number): number | undefined {
  const left = leavingOf(outcome);
  if (left.length === 0) return undefined;
  const known = new Set(before.filter(({ leftAt }) => leftAt !== undefined).map(({ uid }) => uid));
  const wait = left.every(({ uid }) => known.has(uid)) ? RESYNC_MS : SOON_MS;
  return outcome.pending.reduce((soonest, { deleteAt }) => Math.min(soonest, deleteAt), now + wait);
}
