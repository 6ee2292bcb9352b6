import { describe, expect, it } from 'vitest';
import { CONTEXT, create, freshKind, keyOf, type StoreUnderTest, sample, update } from './sample.js';

export function describeWrites(current: () => StoreUnderTest): void {
  describe('writes', () => {
    it('create gives uid, creation time, generation 1 and a resourceVersion', async () => {
      const { store } = current();
      const kind = freshKind();
      const [made] = await create(store, sample(kind, 'a'));
      expect(made!.metadata).toMatchObject({ generation: 1, name: 'a', namespace: 'argocd' });
      expect(made!.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(made!.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(await store.get(keyOf(kind, 'a'))).toEqual(made);
      expect(await store.currentResourceVersion(kind)).toBe(made!.metadata.resourceVersion);
    });

    it('create of a name that is taken is refused, also when two try at once', async () => {
      const { store } = current();
      const kind = freshKind();
      const results = await Promise.allSettled(Array.from({ length: 4 }, () => create(store, sample(kind, 'a'))));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'already-exists' });
    });

    it('update raises generation only for what is neither metadata nor status, and keeps status', async () => {
      const { store } = current();
      const kind = freshKind();
      await create(store, sample(kind, 'a', {}, { status: { phase: 'Ready' } }));
      const labelled = await update(store, sample(kind, 'a', { labels: { tier: 'web' } }, { status: { phase: 'ignored' } }));
      expect(labelled).toMatchObject({ metadata: { generation: 1, labels: { tier: 'web' } }, status: { phase: 'Ready' } });
      const grown = await update(store, { ...labelled, spec: { size: 2 } });
      expect(grown.metadata.generation).toBe(2);
      expect(Number(grown.metadata.resourceVersion)).toBeGreaterThan(Number(labelled.metadata.resourceVersion));
    });

    it('update that changes nothing writes nothing', async () => {
      const { store } = current();
      const kind = freshKind();
      const [made] = await create(store, sample(kind, 'a'));
      expect(await update(store, made!)).toEqual(made);
      expect(await store.currentResourceVersion(kind)).toBe(made!.metadata.resourceVersion);
      expect(await store.history(keyOf(kind, 'a'))).toHaveLength(1);
    });

    it('updateStatus replaces status alone', async () => {
      const { store } = current();
      const kind = freshKind();
      const [made] = await create(store, sample(kind, 'a'));
      const updated = await store.transaction(CONTEXT, (tx) =>
        tx.updateStatus({ ...made!, spec: { size: 9 }, status: { phase: 'Ready' } }),
      );
      expect(updated).toMatchObject({ spec: { size: 1 }, status: { phase: 'Ready' }, metadata: { generation: 1 } });
    });

    it('a stale resourceVersion or another uid is a conflict', async () => {
      const { store } = current();
      const kind = freshKind();
      const [made] = await create(store, sample(kind, 'a'));
      await update(store, { ...made!, spec: { size: 2 } });
      await expect(update(store, { ...made!, spec: { size: 3 } })).rejects.toMatchObject({ code: 'conflict', retry: 'reread' });
      await expect(update(store, sample(kind, 'a', { uid: 'other' }))).rejects.toMatchObject({ code: 'conflict' });
      await expect(store.transaction(CONTEXT, (tx) => tx.delete(keyOf(kind, 'a'), { uid: 'other' }))).rejects.toMatchObject({
        code: 'conflict',
      });
      await expect(update(store, sample(kind, 'missing'))).rejects.toMatchObject({ code: 'not-found' });
    });

    it('of two writers that read the same version one wins and the other is told', async () => {
      const { store } = current();
      const kind = freshKind();
      const [made] = await create(store, sample(kind, 'a'));
      const results = await Promise.allSettled([2, 3].map((size) => update(store, { ...made!, spec: { size } })));
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    it('a transaction sees its own writes, and nobody those of one that throws', async () => {
      const { store } = current();
      const kind = freshKind();
      const failing = store.transaction(CONTEXT, async (tx) => {
        await tx.create(sample(kind, 'b'));
        await tx.create(sample(kind, 'a', { labels: { tier: 'web' } }));
        expect((await tx.list(kind)).items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
        expect(await tx.get(keyOf(kind, 'a'))).toMatchObject({ metadata: { labels: { tier: 'web' } } });
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      expect((await store.list(kind)).items).toEqual([]);
    });

    it('several writes of a document in one transaction are one change', async () => {
      const { store } = current();
      const kind = freshKind();
      const settled = await store.transaction(CONTEXT, async (tx) => {
        const made = await tx.create(sample(kind, 'a'));
        const updated = await tx.update({ ...made, spec: { size: 2 } });
        return tx.updateStatus({ ...updated, status: { phase: 'Ready' } });
      });
      expect(await store.get(keyOf(kind, 'a'))).toEqual(settled);
      expect((await store.history(keyOf(kind, 'a'))).map(({ type }) => type)).toEqual(['ADDED']);
    });

    it('history tells who changed which fields, newest first', async () => {
      const { store } = current();
      const kind = freshKind();
      const [made] = await create(store, sample(kind, 'a', { labels: { 'app.kubernetes.io/name': 'x' } }));
      await store.transaction({ actor: 'alice', traceparent: '00-aa-bb-01' }, (tx) =>
        tx.update({ ...made!, metadata: { ...made!.metadata, labels: { 'app.kubernetes.io/name': 'y' } }, spec: { size: 2 } }),
      );
      const [newest, oldest] = await store.history(keyOf(kind, 'a'));
      expect(newest).toMatchObject({
        type: 'MODIFIED',
        actor: 'alice',
        traceparent: '00-aa-bb-01',
        fieldPaths: ['metadata.labels["app.kubernetes.io/name"]', 'spec.size'],
        document: { spec: { size: 2 } },
      });
      expect(oldest).toMatchObject({ type: 'ADDED', actor: 'tester', fieldPaths: [], document: { spec: { size: 1 } } });
    });

    it('refuses what cannot be stored', async () => {
      const { store } = current();
      const kind = freshKind();
      await expect(create(store, sample(kind, 'a', {}, { spec: { text: 'a\u0000b' } }))).rejects.toMatchObject({ code: 'invalid' });
      await expect(create(store, sample(kind, 'a', {}, { spec: { text: 'x'.repeat(4_000_000) } }))).rejects.toMatchObject({
        code: 'invalid',
      });
      await expect(create(store, sample(kind, ''))).rejects.toMatchObject({ code: 'invalid' });
    });
  });
}
