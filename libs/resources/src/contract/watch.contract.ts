import { setTimeout as delay } from 'node:timers/promises';
import { parseSelectorText } from '@flotilla/selector';
import { describe, expect, it } from 'vitest';
import { CONTEXT, collect, create, freshKind, keyOf, named, remove, type StoreUnderTest, sample, update } from './sample.js';

const WRITERS = 8;
const WRITES_EACH = 12;

export function describeWatch(current: () => StoreUnderTest): void {
  describe('watch', () => {
    it('shows every write of eight writers that wait before they commit once, in order', async () => {
      const { store } = current();
      const kind = freshKind();
      const watching = collect(store, kind, WRITERS * WRITES_EACH, { resourceVersion: await store.currentResourceVersion(kind) });
      const write = async (writer: number) => {
        for (let i = 0; i < WRITES_EACH; i += 1) {
          await store.transaction(CONTEXT, async (tx) => {
            await tx.create(sample(kind, `w${writer}-${i}`));
            await delay((writer * 7 + i * 3) % 11);
          });
        }
      };
      await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
      const events = await watching;
      const rvs = events.map(({ resourceVersion }) => Number(resourceVersion));
      expect(rvs).toEqual(Array.from({ length: WRITERS * WRITES_EACH }, (_, i) => rvs[0]! + i));
      expect(new Set(events.map(({ document }) => document.metadata.name)).size).toBe(WRITERS * WRITES_EACH);
      const listed = (await store.list(kind)).items.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`);
      expect(events.map(({ document, resourceVersion }) => `${document.metadata.name}@${resourceVersion}`).sort()).toEqual(listed.sort());
    });

    it('from a list misses nothing and repeats nothing', async () => {
      const { store } = current();
      const kind = freshKind();
      const [a] = await create(store, sample(kind, 'a'), sample(kind, 'b'));
      const { resourceVersion } = await store.list(kind);
      await update(store, { ...a!, spec: { size: 2 } });
      const watching = collect(store, kind, 3, { resourceVersion });
      await remove(store, kind, 'b');
      await create(store, sample(kind, 'c'));
      const events = await watching;
      expect(named(events)).toEqual(['MODIFIED a', 'DELETED b', 'ADDED c']);
      for (const { document, resourceVersion: rv } of events) expect(document.metadata.resourceVersion).toBe(rv);
      expect(events[0]?.document).toMatchObject({ spec: { size: 2 } });
    });

    it('with labels shows what begins to match as ADDED and what ceases to match as DELETED', async () => {
      const { store } = current();
      const kind = freshKind();
      const labels = parseSelectorText('tier=web');
      await create(store, sample(kind, 'in', { labels: { tier: 'web' } }), sample(kind, 'out'), sample(kind, 'never'));
      const { resourceVersion } = await store.list(kind, { labels });
      await update(store, sample(kind, 'in', { labels: { tier: 'db' } }));
      await update(store, sample(kind, 'out', { labels: { tier: 'web' } }));
      await update(store, sample(kind, 'never', {}, { spec: { size: 2 } }));
      await update(store, sample(kind, 'out', { labels: { tier: 'web' } }, { spec: { size: 2 } }));
      await remove(store, kind, 'never');
      await remove(store, kind, 'out');
      expect(named(await collect(store, kind, 4, { resourceVersion, labels }))).toEqual([
        'DELETED in',
        'ADDED out',
        'MODIFIED out',
        'DELETED out',
      ]);
    });

    it('with fields and a namespace shows only those', async () => {
      const { store } = current();
      const kind = freshKind();
      const resourceVersion = await store.currentResourceVersion(kind);
      await create(store, sample(kind, 'a'), sample(kind, 'a', { namespace: 'team' }), sample(kind, 'b', { namespace: 'team' }));
      await update(store, sample(kind, 'b', { namespace: 'team' }, { spec: { size: 2 } }));
      await update(store, sample(kind, 'b', { namespace: 'team' }, { spec: { size: 3 } }));
      expect(named(await collect(store, kind, 3, { resourceVersion, namespace: 'team' }))).toEqual(['ADDED a', 'ADDED b', 'MODIFIED b']);
      const fields = [{ path: 'metadata.name', value: 'a' }];
      expect(named(await collect(store, kind, 2, { resourceVersion, fields }))).toEqual(['ADDED a', 'ADDED a']);
      const sizes = [{ path: 'spec.size', value: '2' }];
      expect(named(await collect(store, kind, 2, { resourceVersion, fields: sizes }))).toEqual(['ADDED b', 'DELETED b']);
    });

    it('carries the trace context of the write', async () => {
      const { store } = current();
      const kind = freshKind();
      const resourceVersion = await store.currentResourceVersion(kind);
      await store.transaction({ actor: 'tester', traceparent: '00-cc-dd-01' }, (tx) => tx.create(sample(kind, 'a')));
      expect((await collect(store, kind, 1, { resourceVersion }))[0]).toMatchObject({ traceparent: '00-cc-dd-01' });
    });

    it('below the log is gone, and so is an rv that was never given', async () => {
      const { store, forgetLog } = current();
      const kind = freshKind();
      const [a] = await create(store, sample(kind, 'a'));
      await update(store, { ...a!, spec: { size: 2 } });
      await forgetLog();
      await expect(collect(store, kind, 1, { resourceVersion: a!.metadata.resourceVersion! })).rejects.toMatchObject({ code: 'gone' });
      await expect(collect(store, kind, 1, { resourceVersion: '999999' })).rejects.toMatchObject({ code: 'gone' });
      const watching = collect(store, kind, 1, { resourceVersion: (await store.list(kind)).resourceVersion });
      await remove(store, kind, 'a');
      expect(named(await watching)).toEqual(['DELETED a']);
    });

    it('hands out documents that a watcher cannot change for the others', async () => {
      const { store } = current();
      const kind = freshKind();
      const resourceVersion = await store.currentResourceVersion(kind);
      await create(store, sample(kind, 'a'));
      const [event] = await collect(store, kind, 1, { resourceVersion });
      expect(() => {
        event!.document.metadata.name = 'changed';
      }).toThrow(TypeError);
      expect(await store.get(keyOf(kind, 'a'))).toBeDefined();
    });

    it('ends when its signal aborts', async () => {
      const { store } = current();
      const kind = freshKind();
      const stop = new AbortController();
      const events = store.watch(kind, { resourceVersion: await store.currentResourceVersion(kind), signal: stop.signal });
      const next = events[Symbol.asyncIterator]().next();
      stop.abort();
      expect(await next).toMatchObject({ done: true });
    });
  });
}
