import { expect, test } from 'vitest';
import type { StateStore } from './state.store.js';

/** What every StateStore does. `open` gives the same kept state each time it is called within one test. */
export function stateStoreSuite(open: () => Promise<StateStore>): void {
  test('gives back what was written, after it is opened anew', async () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);
    await (await open()).write('blobs/abc', bytes);
    expect(Buffer.from((await (await open()).read('blobs/abc'))!)).toEqual(Buffer.from(bytes));
  });

  test('answers undefined for what was never written or is removed', async () => {
    const store = await open();
    expect(await store.read('identity')).toBeUndefined();
    await store.write('identity', Buffer.from('one'));
    await store.remove('identity');
    await store.remove('identity');
    expect(await store.read('identity')).toBeUndefined();
  });

  test('replaces a value as a whole', async () => {
    const store = await open();
    await store.write('document', Buffer.alloc(2_000_000, 1));
    await store.write('document', Buffer.from('short'));
    expect(Buffer.from((await store.read('document'))!).toString()).toBe('short');
  });

  test('lists names below a prefix alone', async () => {
    const store = await open();
    for (const name of ['blobs/b', 'blobs/a', 'document']) await store.write(name, Buffer.from(name));
    expect(await store.list('blobs')).toEqual(['blobs/a', 'blobs/b']);
    expect(await store.list('records')).toEqual([]);
  });
}
