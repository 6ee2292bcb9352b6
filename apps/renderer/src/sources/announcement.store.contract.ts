import { expect, test } from 'vitest';
import type { AnnouncementStore } from './announcement.store.js';

const T = 1_800_000_000_000;
const TRACE = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

/** What every store of announcements does. `open` gives an empty one. */
export function describeAnnouncementStore(open: () => Promise<AnnouncementStore>): void {
  test('an announcement is taken up again until it is forgotten', async () => {
    const store = await open();
    const announcement = await store.keep('https://h/a', T, TRACE);
    expect(await store.take({ before: T, expired: 0, now: T })).toEqual([]);
    expect(await store.take({ before: T + 1, expired: 0, now: T + 10 })).toEqual([announcement]);
    expect(await store.take({ before: T + 1, expired: 0, now: T + 11 })).toEqual([]);
    expect(await store.take({ before: T + 11, expired: 0, now: T + 20 })).toEqual([
      { repoURL: 'https://h/a', id: announcement.id, traceparent: TRACE },
    ]);
    await store.forget(announcement);
    expect(await store.take({ before: T + 100, expired: 0, now: T + 100 })).toEqual([]);
  });

  test('a later announcement of the repository is not forgotten with the earlier one', async () => {
    const store = await open();
    const earlier = await store.keep('https://h/a', T);
    const later = await store.keep('https://h/a', T + 1);
    await store.forget(earlier);
    expect(await store.take({ before: T + 2, expired: 0, now: T + 2 })).toEqual([later]);
  });

  test('one that is too old is dropped', async () => {
    const store = await open();
    await store.keep('https://h/a', T);
    expect(await store.take({ before: T + 10, expired: T + 1, now: T + 10 })).toEqual([]);
  });
}
