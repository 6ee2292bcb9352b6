import { parseSelectorText } from '@flotilla/selector';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GroupResource, KubeObject, KubeStorage, RequestUser, StorageEvent } from './storage.js';

export interface StorageUnderTest {
  storage: KubeStorage;
  /** A resource of the storage that keeps `data` and metadata, and the objects' apiVersion, kind and namespace. */
  resource: GroupResource;
  apiVersion: string;
  kind: string;
  namespace: string;
  close(): Promise<void>;
}

const USER: RequestUser = { name: 'tester', groups: [] };

/** What every adapter of KubeStorage does. Each test uses names of its own. */
export function describeKubeStorage(open: () => Promise<StorageUnderTest>): void {
  let opened: StorageUnderTest;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  describeObjects(() => opened);
  describeLists(() => opened);
  describeWatches(() => opened);
}

let counter = 0;
function fresh(): string {
  counter += 1;
  return `contract-${counter}`;
}

function sample({ apiVersion, kind, namespace }: StorageUnderTest, name: string, labels?: Record<string, string>): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace, ...(labels ? { labels } : {}) }, data: { a: '1' } };
}

function describeObjects(current: () => StorageUnderTest): void {
  describe('objects', () => {
    it('are stored with uid, creation time and a decimal resourceVersion', async () => {
      const { storage, resource, namespace } = current();
      const made = await storage.create(resource, sample(current(), fresh()), USER);
      expect(made.metadata).toMatchObject({ uid: expect.any(String), creationTimestamp: expect.stringMatching(/^\d{4}-.*Z$/) });
      expect(made.metadata.resourceVersion).toMatch(/^\d+$/);
      expect(await storage.get(resource, namespace, made.metadata.name)).toEqual(made);
      expect(await storage.get(resource, namespace, fresh())).toBeUndefined();
    });

    it('are refused when the name is taken', async () => {
      const { storage, resource } = current();
      const object = sample(current(), fresh());
      await storage.create(resource, object, USER);
      await expect(storage.create(resource, object, USER)).rejects.toMatchObject({ code: 'already-exists' });
    });

    it('are replaced only from the version that is stored', async () => {
      const { storage, resource } = current();
      const made = await storage.create(resource, sample(current(), fresh()), USER);
      const next = await storage.update(resource, { ...made, data: { a: '2' } }, USER);
      expect(BigInt(next.metadata.resourceVersion!)).toBeGreaterThan(BigInt(made.metadata.resourceVersion!));
      await expect(storage.update(resource, { ...made, data: { a: '3' } }, USER)).rejects.toMatchObject({ code: 'conflict' });
    });

    it('are removed at once, or when the last finalizer goes', async () => {
      const { storage, resource, namespace } = current();
      const [plain, held] = [fresh(), fresh()];
      await storage.create(resource, sample(current(), plain), USER);
      expect(await storage.delete(resource, namespace, plain, {}, USER)).toMatchObject({ removed: true });
      expect(await storage.delete(resource, namespace, plain, {}, USER)).toBeUndefined();
      const object = sample(current(), held);
      await storage.create(resource, { ...object, metadata: { ...object.metadata, finalizers: ['example.dev/hold'] } }, USER);
      const marked = await storage.delete(resource, namespace, held, {}, USER);
      expect(marked).toMatchObject({ removed: false, object: { metadata: { deletionTimestamp: expect.any(String) } } });
      const { finalizers: _, ...metadata } = marked!.object.metadata;
      await storage.update(resource, { ...marked!.object, metadata }, USER);
      expect(await storage.get(resource, namespace, held)).toBeUndefined();
    });

    it('are removed only when uid and version are those asked for', async () => {
      const { storage, resource, namespace } = current();
      const made = await storage.create(resource, sample(current(), fresh()), USER);
      const { name } = made.metadata;
      await expect(storage.delete(resource, namespace, name, { uid: 'other' }, USER)).rejects.toMatchObject({ code: 'conflict' });
      await expect(storage.delete(resource, namespace, name, { resourceVersion: '1' }, USER)).rejects.toMatchObject({ code: 'conflict' });
      expect(await storage.get(resource, namespace, name)).toEqual(made);
    });
  });
}

function describeLists(current: () => StorageUnderTest): void {
  describe('lists', () => {
    it('select by label, field and namespace in the order of names', async () => {
      const { storage, resource, namespace } = current();
      const group = fresh();
      for (const name of ['c', 'a', 'b']) await storage.create(resource, sample(current(), `${group}-${name}`, { group, name }), USER);
      const names = async (options: Parameters<KubeStorage['list']>[1]): Promise<string[]> =>
        (await storage.list(resource, options)).items.map(({ metadata }) => metadata.name.slice(group.length + 1));
      const labels = parseSelectorText(`group=${group}`);
      expect(await names({ labels, namespace })).toEqual(['a', 'b', 'c']);
      expect(await names({ labels: parseSelectorText(`group=${group},name notin (b)`) })).toEqual(['a', 'c']);
      expect(await names({ labels, fields: [{ path: 'metadata.name', value: `${group}-b` }] })).toEqual(['b']);
      expect(await names({ labels, fields: [{ path: 'metadata.name', value: `${group}-b`, negated: true }] })).toEqual(['a', 'c']);
      expect(await names({ labels, namespace: 'nowhere' })).toEqual([]);
    });

    it('come in pages that miss nothing', async () => {
      const { storage, resource } = current();
      const group = fresh();
      for (const name of ['a', 'b', 'c', 'd', 'e']) await storage.create(resource, sample(current(), `${group}-${name}`, { group }), USER);
      const seen: string[] = [];
      let next: string | undefined;
      do {
        const page = await storage.list(resource, {
          labels: parseSelectorText(`group=${group}`),
          limit: 2,
          ...(next ? { continue: next } : {}),
        });
        expect(page.items.length).toBeLessThanOrEqual(2);
        seen.push(...page.items.map(({ metadata }) => metadata.name));
        next = page.continue;
      } while (next !== undefined);
      expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'].map((name) => `${group}-${name}`));
    });
  });
}

function describeWatches(current: () => StorageUnderTest): void {
  const collect = async (
    count: number,
    options: Partial<Parameters<KubeStorage['watch']>[1]> & { resourceVersion: string },
  ): Promise<StorageEvent[]> => {
    const stop = new AbortController();
    const events: StorageEvent[] = [];
    for await (const event of current().storage.watch(current().resource, { signal: stop.signal, ...options })) {
      events.push(event);
      if (events.length === count) stop.abort();
    }
    return events;
  };

  describe('watches', () => {
    it('show every change after the version of a list, once and in order', async () => {
      const { storage, resource, namespace } = current();
      const group = fresh();
      const labels = parseSelectorText(`group=${group}`);
      const { resourceVersion } = await storage.list(resource, { labels });
      const watching = collect(3, { resourceVersion, labels });
      const made = await storage.create(resource, sample(current(), group, { group }), USER);
      await storage.update(resource, { ...made, data: { a: '2' } }, USER);
      await storage.delete(resource, namespace, group, {}, USER);
      const events = await watching;
      expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
      const versions = events.map((event) => BigInt(event.resourceVersion));
      expect(versions).toEqual(versions.toSorted((a, b) => (a < b ? -1 : 1)));
      expect(versions[0]).toBe(BigInt(made.metadata.resourceVersion!));
    });

    it('show entering the selection as added and leaving it as deleted', async () => {
      const { storage, resource } = current();
      const group = fresh();
      const resourceVersion = await storage.currentResourceVersion(resource);
      const watching = collect(2, { resourceVersion, labels: parseSelectorText(`group=${group}`) });
      const made = await storage.create(resource, sample(current(), group), USER);
      const labelled = await storage.update(resource, { ...made, metadata: { ...made.metadata, labels: { group } } }, USER);
      await storage.update(resource, { ...labelled, metadata: { ...labelled.metadata, labels: {} } }, USER);
      expect((await watching).map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
    });

    it('end when they are aborted', async () => {
      const { storage, resource } = current();
      const stop = new AbortController();
      const resourceVersion = await storage.currentResourceVersion(resource);
      const events = storage.watch(resource, { resourceVersion, signal: stop.signal })[Symbol.asyncIterator]();
      const next = events.next();
      stop.abort();
      expect(await next).toMatchObject({ done: true });
    });
  });
}
