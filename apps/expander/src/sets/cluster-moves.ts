import type { ClusterEntry } from '@flotilla/generators';

/** A set's place as one text. */
export type SetKey = `${string}/${string}`;

/** Clusters that moved, by document name, with what they were when the set was last brought up to date; undefined: not there. */
export type Moved = ReadonlyMap<string, ClusterEntry | undefined>;

/** Beyond it, one whole expansion is the shorter way. */
const MAX_MOVED = 200;

/**
 * What of its inputs moved since a set was last brought up to date: single clusters, or something that only a whole expansion
 * follows. A set nothing is known of has to be expanded whole, so losing this costs time and nothing else.
 */
export class ClusterMoves {
  readonly #sets = new Map<SetKey, Map<string, ClusterEntry | undefined>>();

  clusterMoved(set: SetKey, name: string, before: ClusterEntry | undefined): void {
    const moved = this.#sets.get(set);
    if (!moved || moved.has(name)) return;
    if (moved.size >= MAX_MOVED) this.#sets.delete(set);
    else moved.set(name, before);
  }

  /** Something else did, or nobody knows what. */
  otherwiseMoved(set: SetKey): void {
    this.#sets.delete(set);
  }

  /** Undefined: everything may have moved. From here on, moves are collected for the next time. */
  take(set: SetKey): Moved | undefined {
    const moved = this.#sets.get(set);
    this.#sets.set(set, new Map());
    return moved;
  }
}
