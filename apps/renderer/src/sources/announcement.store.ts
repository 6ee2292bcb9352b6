/** A push that a webhook announced: some repository may have news. */
export interface Announcement {
  repoURL: string;
  /** Names this announcement among those of the repository; a later one has another. */
  id: string;
  traceparent?: string;
}

/** Announced pushes until they are fetched, at most one per repository: the latest. */
export abstract class AnnouncementStore {
  /** @param now ms since the epoch */
  abstract keep(repoURL: string, now: number, traceparent?: string): Promise<Announcement>;
  /** Those last tried before `before` (ms), which count as tried at `now` from here on; those announced before `expired` are dropped. */
  abstract take(times: { before: number; expired: number; now: number }): Promise<Announcement[]>;
  /** Forgets an announcement unless a later one took its place. */
  abstract forget(announcement: Announcement): Promise<void>;
}
