import type { ResourceDocument } from '@flotilla/contracts';
import { jsonEqual, UnavailableError } from '@flotilla/kernel';
import { waitFor } from '@flotilla/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { create, remove, sample, update } from './contract/sample.js';
import { DocumentCache, type DocumentCacheOptions } from './document-cache.js';
import { FakeResourceStore } from './resource-store.fake.js';
import type { ListOptions, ListResult } from './resource-store.js';

const KIND = 'ConfigMap';
const running: DocumentCache[] = [];

afterEach(async () => {
  for (const cache of running.splice(0)) await cache.stop();
});

function cacheOf(store: FakeResourceStore, options: DocumentCacheOptions<ResourceDocument> = {}) {
  const changes: string[] = [];
  const cache = new DocumentCache(store, KIND, { onChange: ({ name }, event) => changes.push(`${event} ${name}`), ...options });
  running.push(cache);
  return { cache, changes };
}

describe('a document cache', () => {
  it('holds what is there when it is ready and follows what comes', async () => {
    const store = new FakeResourceStore();
    const [a] = await create(store, sample(KIND, 'a'), sample(KIND, 'b', { namespace: 'team' }));
    const { cache, changes } = cacheOf(store);
    await cache.ready;
    expect(changes).toEqual(['ADDED a', 'ADDED b']);
    expect(cache.getByUid(a!.metadata.uid!)).toEqual(a);
    expect(cache.list('team').map(({ metadata }) => metadata.name)).toEqual(['b']);
    await update(store, { ...a!, spec: { size: 2 } });
    await create(store, sample(KIND, 'c'));
    await remove(store, KIND, 'a');
    await waitFor('the deletion', () => changes.length === 5);
    expect(changes.slice(2)).toEqual(['MODIFIED a', 'ADDED c', 'DELETED a']);
    expect(cache.get('argocd', 'a')).toBeUndefined();
    expect(cache.getByUid(a!.metadata.uid!)).toBeUndefined();
  });

  it('holds only what is selected', async () => {
    const store = new FakeResourceStore();
    const labels = [{ key: 'tier', operator: 'In' as const, values: ['web'] }];
    await create(store, sample(KIND, 'a', { labels: { tier: 'web' } }), sample(KIND, 'b'));
    const { cache, changes } = cacheOf(store, { labels });
    await cache.ready;
    await update(store, sample(KIND, 'a'));
    await update(store, sample(KIND, 'b', { labels: { tier: 'web' } }));
    await waitFor('both edits', () => changes.length === 3);
    expect(changes).toEqual(['ADDED a', 'DELETED a', 'ADDED b']);
    expect(cache.list().map(({ metadata }) => metadata.name)).toEqual(['b']);
  });

  it('lists more than one page', async () => {
    const store = new FakeResourceStore();
    await create(store, ...Array.from({ length: 1_100 }, (_, i) => sample(KIND, `n${i}`)));
    const { cache } = cacheOf(store);
    await cache.ready;
    expect(cache.list()).toHaveLength(1_100);
  });

  it('finds out what happened when the log no longer reaches back, and tells of each change once', async () => {
    const store = new InterruptedStore();
    await create(store, sample(KIND, 'kept'), sample(KIND, 'changed'), sample(KIND, 'deleted'), sample(KIND, 'renewed'));
    const { cache, changes } = cacheOf(store);
    await cache.ready;
    changes.length = 0;
    store.isWatchable = false;
    // Ends the watch that runs.
    await create(store, sample(KIND, 'last-seen'));
    await waitFor('the last event', () => changes.length === 1);
    changes.length = 0;
    await store.transaction({ actor: 'tester' }, async (tx) => {
      await tx.update(sample(KIND, 'changed', {}, { spec: { size: 2 } }));
      await tx.delete({ kind: KIND, namespace: 'argocd', name: 'deleted' });
      await tx.delete({ kind: KIND, namespace: 'argocd', name: 'renewed' });
      await tx.create(sample(KIND, 'renewed'));
    });
    store.forgetLog();
    store.isWatchable = true;
    await waitFor('the list to be compared', () => changes.length >= 4);
    expect(changes.sort()).toEqual(['ADDED renewed', 'DELETED deleted', 'DELETED renewed', 'MODIFIED changed']);
    expect(cache.list()).toHaveLength(4);
  });

  it('keeps what it has while the store is away', async () => {
    const store = new InterruptedStore();
    await create(store, sample(KIND, 'a'));
    const errors: unknown[] = [];
    const { cache, changes } = cacheOf(store, { onError: (error) => errors.push(error) });
    await cache.ready;
    store.isWatchable = false;
    await update(store, sample(KIND, 'a', {}, { spec: { size: 2 } }));
    await waitFor('the store to be missed', () => errors.length > 0);
    expect(cache.list()).toHaveLength(1);
    store.isWatchable = true;
    await update(store, sample(KIND, 'a', {}, { spec: { size: 3 } }));
    await waitFor('the edit to arrive', () => jsonEqual(cache.get('argocd', 'a')?.spec, { size: 3 }));
    expect(changes).toEqual(['ADDED a', 'MODIFIED a', 'MODIFIED a']);
  });

  it('is not ready when it is stopped before its first list', async () => {
    const store = new InterruptedStore();
    store.isListable = false;
    const { cache } = cacheOf(store);
    await cache.stop();
    await expect(cache.ready).rejects.toMatchObject({ code: 'unavailable' });
  });
});

/** A store that can be away: its watches end with the next event and none begins. */
class InterruptedStore extends FakeResourceStore {
  isWatchable = true;
  isListable = true;

  override async *watch<T extends ResourceDocument>(...args: Parameters<FakeResourceStore['watch']>) {
    if (!this.isWatchable) throw new UnavailableError('the store is away');
    for await (const event of super.watch<T>(...args)) {
      yield event;
      if (!this.isWatchable) throw new UnavailableError('the store is away');
    }
  }

  override async list<T extends ResourceDocument>(kind: string, options?: ListOptions): Promise<ListResult<T>> {
    if (!this.isListable) throw new UnavailableError('the store is away');
    return super.list<T>(kind, options);
  }
}
