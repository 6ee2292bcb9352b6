import type { PushedReply, PushedRequest } from '@flotilla/contracts';
import { currentTraceparent, inSpan, type Logger } from '@flotilla/telemetry';
import type { Announcement, AnnouncementStore } from './announcement.store.js';
import type { RefreshSources } from './refresh-sources.js';

/** Whoever took an announcement has this long before somebody else fetches for it. */
const TRY_AGAIN_MS = 10_000;
/** By then the poll has asked the repository many times. */
const EXPIRED_MS = 3_600_000;

/**
 * Pushes that webhooks announce. An announcement is stored before it is acknowledged and forgotten when its repository
 * was asked, so that neither a crash nor a Git server that is away for a moment costs more than the next try.
 */
export class AnnouncedPushes {
  readonly #store: AnnouncementStore;
  readonly #refresh: Pick<RefreshSources, 'following' | 'pushed'>;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #fetching = new Map<string, Promise<void>>();

  constructor(store: AnnouncementStore, refresh: Pick<RefreshSources, 'following' | 'pushed'>, logger: Logger, now: () => number) {
    this.#store = store;
    this.#refresh = refresh;
    this.#logger = logger;
    this.#now = now;
  }

  /** Keeps the announcement of a repository that something follows; it is fetched after the answer. */
  async take({ repoURLs }: PushedRequest): Promise<PushedReply> {
    const [first, ...others] = await this.#refresh.following(repoURLs);
    if (!first) return { sources: 0 };
    this.#start(await this.#store.keep(first.spec.repoURL, this.#now(), currentTraceparent()));
    return { sources: 1 + others.length };
  }

  /** Fetches for announcements that were not answered in time, unless that fetch still runs here. */
  async recover(): Promise<void> {
    const now = this.#now();
    for (const announcement of await this.#store.take({ before: now - TRY_AGAIN_MS, expired: now - EXPIRED_MS, now })) {
      this.#start(announcement);
    }
  }

  /** Resolves when nothing is being fetched. */
  async settle(): Promise<void> {
    await Promise.all(this.#fetching.values());
  }

  #start(announcement: Announcement): void {
    const key = `${announcement.repoURL} ${announcement.id}`;
    if (this.#fetching.has(key)) return;
    this.#fetching.set(
      key,
      this.#fetch(announcement).finally(() => this.#fetching.delete(key)),
    );
  }

  async #fetch(announcement: Announcement): Promise<void> {
    const { repoURL, traceparent } = announcement;
    try {
      const isAnswered = await inSpan('git push', { traceparent, kind: 'consumer' }, () => this.#refresh.pushed(repoURL));
      if (isAnswered) await this.#store.forget(announcement);
    } catch (error) {
      this.#logger.warn('a push could not be fetched; it is tried again', { repository: repoURL, error });
    }
  }
}
