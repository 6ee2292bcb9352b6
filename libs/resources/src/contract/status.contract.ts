import { describe, expect, it } from 'vitest';
import { CONTEXT, collect, create, keyOf, named, remove, type StoreUnderTest, sample, update } from './sample.js';

const KIND = 'Application';
const status = (health: string, message = '') => ({ sync: { status: 'Synced' }, health: { status: health, message } });

let applications = 0;

export function describeStatus(current: () => StoreUnderTest): void {
  const application = async () => {
    applications += 1;
    const [made] = await create(current().store, sample(KIND, `app-${applications}`));
    const { name, uid = '' } = made!.metadata;
    return { made: made!, name, row: (value: Record<string, unknown>) => ({ namespace: 'argocd', name, uid, status: value }) };
  };

  describe('status of applications', () => {
    it('is served merged, with the greater resourceVersion, and never makes an edit stale', async () => {
      const { store, statuses } = current();
      const { made, name, row } = await application();
      await statuses.upsert([row(status('Progressing'))], CONTEXT);
      const served = await store.get(keyOf(KIND, name));
      expect(served).toMatchObject({ spec: { size: 1 }, status: status('Progressing') });
      expect(Number(served?.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
      const [listed] = (await store.list(KIND, { fields: [{ path: 'status.health.status', value: 'Progressing' }] })).items;
      expect(listed).toEqual(served);
      const edited = await update(store, { ...made, spec: { size: 2 } });
      expect(edited).toMatchObject({ spec: { size: 2 }, status: status('Progressing') });
      await expect(update(store, { ...served!, spec: { size: 3 } })).rejects.toMatchObject({ code: 'conflict' });
      expect(await store.get(keyOf(KIND, name))).toEqual(edited);
    });

    it('takes no rv and tells no watcher when nothing changed', async () => {
      const { store, statuses } = current();
      const { row } = await application();
      await statuses.upsert([row(status('Healthy'))], CONTEXT);
      const before = await store.currentResourceVersion(KIND);
      await statuses.upsert([row(status('Healthy'))], CONTEXT);
      expect(await store.currentResourceVersion(KIND)).toBe(before);
    });

    it('leaves a row in history only when sync, health or the operation moves', async () => {
      const { store, statuses } = current();
      const { name, row } = await application();
      for (const value of [status('Healthy', 'one'), status('Healthy', 'two'), status('Degraded', 'two'), status('Degraded', 'three')]) {
        await statuses.upsert([row(value)], CONTEXT);
      }
      const history = await store.history(keyOf(KIND, name));
      expect(history.map(({ document }) => (document.status as ReturnType<typeof status> | undefined)?.health)).toEqual([
        { status: 'Degraded', message: 'two' },
        { status: 'Healthy', message: 'one' },
        undefined,
      ]);
    });

    it('reaches watchers in rv order between the edits', async () => {
      const { store, statuses } = current();
      const { made, name, row } = await application();
      const options = { resourceVersion: made.metadata.resourceVersion!, fields: [{ path: 'metadata.name', value: name }] };
      const watching = collect(store, KIND, 4, options);
      await statuses.upsert([row(status('Healthy', 'one'))], CONTEXT);
      await update(store, { ...made, spec: { size: 2 } });
      await collect(store, KIND, 2, options);
      await statuses.upsert([row(status('Healthy', 'two'))], CONTEXT);
      await collect(store, KIND, 3, options);
      await remove(store, KIND, name);
      const events = await watching;
      expect(named(events)).toEqual([`MODIFIED ${name}`, `MODIFIED ${name}`, `MODIFIED ${name}`, `DELETED ${name}`]);
      // A document's edit and a status that moved are told apart.
      expect(events.map(({ isStatusOnly }) => isStatusOnly)).toEqual([true, undefined, true, undefined]);
      const rvs = events.map(({ resourceVersion }) => Number(resourceVersion));
      expect(rvs).toEqual([...rvs].sort((a, b) => a - b));
      expect(events[2]?.document).toMatchObject({ spec: { size: 2 }, status: status('Healthy', 'two') });
    });

    it('of an application that is gone, or was made anew, is left out', async () => {
      const { store, statuses } = current();
      const { name, row } = await application();
      await remove(store, KIND, name);
      await statuses.upsert([row(status('Healthy'))], CONTEXT);
      const [again] = await create(store, sample(KIND, name));
      await statuses.upsert([row(status('Healthy'))], CONTEXT);
      expect(await store.get(keyOf(KIND, name))).toEqual(again);
    });

    it('can be written by a transaction as well', async () => {
      const { store, statuses } = current();
      const { made, name, row } = await application();
      const own = await store.transaction(CONTEXT, (tx) => tx.updateStatus({ ...made, status: status('Missing') }));
      expect(await store.get(keyOf(KIND, name))).toEqual(own);
      await update(store, { ...made, spec: { size: 4 } });
      await statuses.upsert([row(status('Healthy'))], CONTEXT);
      expect(await store.get(keyOf(KIND, name))).toMatchObject({ spec: { size: 4 }, status: status('Healthy') });
    });

    it('in one batch counts the last row of an application that is named twice', async () => {
      const { store, statuses } = current();
      const { name, row } = await application();
      await statuses.upsert([row(status('Missing')), row(status('Healthy'))], CONTEXT);
      expect(await store.get(keyOf(KIND, name))).toMatchObject({ status: status('Healthy') });
    });
  });
}
