import { describe, expect, it } from 'vitest';
import { create, freshKind, keyOf, remove, type StoreUnderTest, sample, update } from './sample.js';

export function describeDeletion(current: () => StoreUnderTest): void {
  describe('deletion', () => {
    it('without finalizers removes at once and answers with the last state', async () => {
      const { store } = current();
      const kind = freshKind();
      const [made] = await create(store, sample(kind, 'a'));
      const gone = await remove(store, kind, 'a');
      expect(gone).toMatchObject({ spec: { size: 1 }, metadata: { uid: made!.metadata.uid } });
      expect(Number(gone?.metadata.resourceVersion)).toBeGreaterThan(Number(made!.metadata.resourceVersion));
      expect(await store.get(keyOf(kind, 'a'))).toBeUndefined();
      expect(await remove(store, kind, 'a')).toBeUndefined();
    });

    it('with finalizers waits for the last of them, and the mark outlives any edit', async () => {
      const { store } = current();
      const kind = freshKind();
      await create(store, sample(kind, 'a', { finalizers: ['one', 'two'] }));
      const marked = await remove(store, kind, 'a');
      expect(marked?.metadata).toMatchObject({ deletionTimestamp: expect.any(String), generation: 2, finalizers: ['one', 'two'] });
      expect(await remove(store, kind, 'a')).toEqual(marked);
      const edited = await update(store, sample(kind, 'a', { finalizers: ['two'] }));
      expect(edited.metadata.deletionTimestamp).toBe(marked?.metadata.deletionTimestamp);
      await update(store, sample(kind, 'a'));
      expect(await store.get(keyOf(kind, 'a'))).toBeUndefined();
      expect((await store.history(keyOf(kind, 'a'))).map(({ type }) => type)).toEqual(['DELETED', 'MODIFIED', 'MODIFIED', 'ADDED']);
    });

    it('a name can be taken again, in the same transaction too, by a document with another uid', async () => {
      const { store } = current();
      const kind = freshKind();
      const [made] = await create(store, sample(kind, 'a'));
      const again = await store.transaction({ actor: 'tester' }, async (tx) => {
        await tx.delete(keyOf(kind, 'a'));
        return tx.create(sample(kind, 'a', {}, { spec: { size: 5 } }));
      });
      expect(again.metadata.uid).not.toBe(made!.metadata.uid);
      expect(await store.get(keyOf(kind, 'a'))).toEqual(again);
      expect((await store.history(keyOf(kind, 'a'))).map(({ type }) => type)).toEqual(['ADDED', 'DELETED', 'ADDED']);
    });

    it('that orphans takes the reference away from dependents and leaves their other owners', async () => {
      const { store } = current();
      const kind = freshKind();
      const [owner, other] = await create(store, sample(kind, 'owner'), sample(kind, 'other'));
      const reference = (document: typeof owner) => ({
        apiVersion: 'v1',
        kind,
        name: document!.metadata.name,
        uid: document!.metadata.uid!,
      });
      await create(
        store,
        sample(kind, 'one', { ownerReferences: [reference(owner)] }),
        sample(kind, 'both', { ownerReferences: [reference(owner), reference(other)] }),
      );
      await remove(store, kind, 'owner', 'orphan');
      expect((await store.get(keyOf(kind, 'one')))?.metadata.ownerReferences).toBeUndefined();
      expect((await store.get(keyOf(kind, 'both')))?.metadata.ownerReferences).toEqual([reference(other)]);
    });
  });
}
