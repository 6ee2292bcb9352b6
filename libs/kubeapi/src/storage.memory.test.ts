import { describe, expect, test } from 'vitest';
import { describeKubeStorage } from './storage.contract.js';
import type { KubeObject } from './storage.js';
import { MemoryStorage } from './storage.memory.js';

const RESOURCE = { group: '', resource: 'configmaps' };
const USER = { name: 'tester', groups: [] };
const object = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } });

describe('the memory storage', () => {
  describeKubeStorage(async () => ({
    storage: new MemoryStorage(),
    resource: RESOURCE,
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: 'default',
    close: async () => {},
  }));

  test('says gone to a watch from before its log', async () => {
    const storage = new MemoryStorage({ logCapacity: 4 });
    for (let i = 0; i < 10; i += 1) await storage.create(RESOURCE, object(`o-${i}`), USER);
    const watching = storage.watch(RESOURCE, { resourceVersion: '2', signal: new AbortController().signal });
    await expect(watching.next()).rejects.toMatchObject({ code: 'gone' });
  });

  test('tells how far it is when nothing is left to show', async () => {
    const storage = new MemoryStorage();
    await storage.create({ group: '', resource: 'secrets' }, object('elsewhere'), USER);
    const stop = new AbortController();
    const progress: string[] = [];
    const watching = storage.watch(RESOURCE, {
      resourceVersion: '1',
      signal: stop.signal,
      onProgress: (version) => progress.push(version),
    });
    const next = watching.next();
    await expect.poll(() => progress).toEqual([await storage.currentResourceVersion()]);
    stop.abort();
    await next;
  });

  test('keeps an object for its dependents when they are deleted or orphaned first', async () => {
    const storage = new MemoryStorage();
    await storage.create(RESOURCE, object('a'), USER);
    const marked = await storage.delete(RESOURCE, 'default', 'a', { propagation: 'Foreground' }, USER);
    expect(marked).toMatchObject({ removed: false, object: { metadata: { finalizers: ['foregroundDeletion'] } } });
    expect(await storage.delete(RESOURCE, 'default', 'a', { propagation: 'Background' }, USER)).toMatchObject({ removed: true });
  });
});
