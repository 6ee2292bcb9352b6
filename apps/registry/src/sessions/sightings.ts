import type { SpokeId } from '@flotilla/kernel';

export interface Sighting {
  session: number;
  /** Milliseconds since the epoch, by the hub's clock. */
  at: number;
}

/**
 * When each spoke was last heard, in memory: an unchanged beat writes no row. A beat of a session older than the
 * newest one heard is no sign of life of the spoke's present instance. As large as the fleet.
 */
export class Sightings {
  readonly #bySpoke = new Map<SpokeId, Sighting>();

  /** A session began: its number is the newest, also where a restored database counts from an older one. */
  begin(spoke: SpokeId, session: number, at: number): void {
    this.#bySpoke.set(spoke, { session, at });
  }

  /** False for a superseded session. */
  see(spoke: SpokeId, session: number, at: number): boolean {
    const before = this.#bySpoke.get(spoke);
    if (before && before.session > session) return false;
    this.#bySpoke.set(spoke, { session, at: Math.max(at, before?.at ?? 0) });
    return true;
  }

  of(spoke: SpokeId): Sighting | undefined {
    return this.#bySpoke.get(spoke);
  }

  /** Forgets spokes that belong to no cluster any more. */
  keepOnly(spokes: ReadonlySet<SpokeId>): void {
    for (const spoke of this.#bySpoke.keys()) if (!spokes.has(spoke)) this.#bySpoke.delete(spoke);
  }
}
