import { parseSelectorText } from '@flotilla/selector';
import { describe, expect, it } from 'vitest';
import type { ListOptions } from '../resource-store.js';
import { create, freshKind, keyOf, nextMillisecond, remove, type StoreUnderTest, sample, update } from './sample.js';

export function describeReads(current: () => StoreUnderTest): void {
  const names = async (kind: string, options: ListOptions) =>
    (await current().store.list(kind, options)).items.map(({ metadata }) => metadata.name);

  describe('reads', () => {
    it.each([
      ['tier=web', ['a', 'c']],
      ['tier!=web', ['b', 'd']],
      ['tier in (web,db)', ['a', 'b', 'c']],
      ['tier notin (web,db)', ['d']],
      ['tier', ['a', 'b', 'c']],
      ['!tier', ['d']],
      ['tier=web,rank>2', ['c']],
      ['rank<2', ['a']],
      ['rank>text', []],
    ])('list with labels %s', async (text, expected) => {
      const { store } = current();
      const kind = freshKind();
      await create(
        store,
        sample(kind, 'a', { labels: { tier: 'web', rank: '1' } }),
        sample(kind, 'b', { labels: { tier: 'db', rank: 'high' } }),
        sample(kind, 'c', { labels: { tier: 'web', rank: '10' } }),
        sample(kind, 'd'),
      );
      expect(await names(kind, { labels: parseSelectorText(text) })).toEqual(expected);
    });

    it('list with fields and a namespace', async () => {
      const { store } = current();
      const kind = freshKind();
      await create(
        store,
        sample(kind, 'a', {}, { type: 'Opaque' }),
        sample(kind, 'b', { namespace: 'team' }, { type: 'Opaque', spec: { isOn: true } }),
        sample(kind, 'c'),
      );
      expect(await names(kind, { fields: [{ path: 'type', value: 'Opaque' }] })).toEqual(['a', 'b']);
      expect(await names(kind, { fields: [{ path: 'type', value: 'Opaque', negated: true }] })).toEqual(['c']);
      expect(await names(kind, { fields: [{ path: 'spec.isOn', value: 'true' }] })).toEqual(['b']);
      expect(await names(kind, { fields: [{ path: 'metadata.name', value: 'c' }] })).toEqual(['c']);
      expect(await names(kind, { namespace: 'team' })).toEqual(['b']);
      expect(await names(kind, { fields: [{ path: 'metadata.namespace', value: 'team' }] })).toEqual(['b']);
    });

    it('list pages by namespace and name, and a change in between neither repeats nor skips', async () => {
      const { store } = current();
      const kind = freshKind();
      await create(store, ...['c', 'a', 'e', 'b', 'd'].map((name) => sample(kind, name)), sample(kind, 'a', { namespace: 'aa' }));
      const first = await store.list(kind, { limit: 2 });
      expect(first).toMatchObject({ remaining: 4 });
      await create(store, sample(kind, 'a0'));
      await remove(store, kind, 'c');
      const second = await store.list(kind, { limit: 2, continue: first.continue! });
      const third = await store.list(kind, { limit: 2, continue: second.continue! });
      const all = [first, second, third].flatMap(({ items }) => items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
      expect(all).toEqual(['aa/a', 'argocd/a', 'argocd/a0', 'argocd/b', 'argocd/d', 'argocd/e']);
      expect([second.resourceVersion, third.resourceVersion]).toEqual([first.resourceVersion, first.resourceVersion]);
      expect(third.continue).toBeUndefined();
    });

    it('gives everybody who asks for one document at the same time a copy of its own', async () => {
      const { store } = current();
      const kind = freshKind();
      await create(store, sample(kind, 'a'));
      const [one, two, none] = await Promise.all(['a', 'a', 'b'].map((name) => store.get(keyOf(kind, name))));
      expect(one).toEqual(two);
      expect(none).toBeUndefined();
      (one?.spec as Record<string, unknown>).size = 99;
      expect(two?.spec).toEqual({ size: 1 });
    });

    it('list refuses a continue token of somebody else', async () => {
      await expect(current().store.list(freshKind(), { continue: 'e30' })).rejects.toMatchObject({ code: 'invalid' });
    });

    it('list as of a time shows what was there then', async () => {
      const { store } = current();
      const kind = freshKind();
      const [a] = await create(
        store,
        sample(kind, 'a', { labels: { tier: 'web' } }),
        sample(kind, 'b', { labels: { tier: 'web' } }),
        sample(kind, 'z'),
      );
      const before = (await store.history(keyOf(kind, 'a')))[0]!.at;
      await nextMillisecond();
      await update(store, { ...a!, metadata: { ...a!.metadata, labels: {} } });
      await remove(store, kind, 'b');
      const [made] = await create(store, sample(kind, 'c', { labels: { tier: 'web' } }));
      const after = (await store.history(keyOf(kind, 'c')))[0]!.at;
      const labels = parseSelectorText('tier=web');
      expect(await names(kind, { asOf: before })).toEqual(['a', 'b', 'z']);
      expect(await names(kind, { asOf: before, labels })).toEqual(['a', 'b']);
      expect(await names(kind, { asOf: after })).toEqual(['a', 'c', 'z']);
      const first = await store.list(kind, { asOf: before, limit: 2 });
      expect(first.items.map(({ metadata }) => metadata.resourceVersion)).toContain(a!.metadata.resourceVersion);
      expect(await names(kind, { asOf: before, limit: 2, continue: first.continue! })).toEqual(['z']);
      expect(Number(first.resourceVersion)).toBeLessThan(Number(made!.metadata.resourceVersion));
      await expect(store.list(kind, { asOf: 'yesterday' })).rejects.toMatchObject({ code: 'invalid' });
    });

    it('list as of a time before the log is refused, and one above it still knows the documents that were quiet since', async () => {
      const { store, forgetLog } = current();
      const kind = freshKind();
      await create(store, sample(kind, 'quiet'), sample(kind, 'busy'));
      const lost = (await store.history(keyOf(kind, 'quiet')))[0]!.at;
      await nextMillisecond();
      await forgetLog();
      await nextMillisecond();
      await create(store, sample(kind, 'new'));
      const kept = (await store.history(keyOf(kind, 'new')))[0]!.at;
      await nextMillisecond();
      await update(store, sample(kind, 'busy', {}, { spec: { size: 2 } }));
      await expect(store.list(kind, { asOf: lost })).rejects.toMatchObject({ code: 'gone' });
      const then = await store.list(kind, { asOf: kept });
      expect(then.items.map(({ metadata, spec }) => [metadata.name, spec])).toEqual([
        ['busy', { size: 1 }],
        ['new', { size: 1 }],
        ['quiet', { size: 1 }],
      ]);
    });
  });
}
