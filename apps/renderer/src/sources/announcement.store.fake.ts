import { type Announcement, AnnouncementStore } from './announcement.store.js';

interface Row {
  announcement: Announcement;
  announcedAt: number;
  triedAt: number;
}

export class FakeAnnouncementStore extends AnnouncementStore {
  readonly #rows = new Map<string, Row>();
  #last = 0;

  async keep(repoURL: string, now: number, traceparent?: string): Promise<Announcement> {
    this.#last += 1;
    const announcement = { repoURL, id: String(this.#last), ...(traceparent ? { traceparent } : {}) };
    this.#rows.set(repoURL, { announcement, announcedAt: now, triedAt: now });
    return announcement;
  }

  async take({ before, expired, now }: { before: number; expired: number; now: number }): Promise<Announcement[]> {
    for (const [repoURL, { announcedAt }] of this.#rows) if (announcedAt < expired) this.#rows.delete(repoURL);
    const due = [...this.#rows.values()].filter(({ triedAt }) => triedAt < before);
    for (const row of due) row.triedAt = now;
    return due.map(({ announcement }) => announcement);
  }

  async forget({ repoURL, id }: Announcement): Promise<void> {
    if (this.#rows.get(repoURL)?.announcement.id === id) this.#rows.delete(repoURL);
  }
}
