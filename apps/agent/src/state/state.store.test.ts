import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stateStoreSuite } from './state.store.contract.js';
import { DiskStateStore } from './state.store.disk.js';
import { FakeStateStore } from './state.store.fake.js';

describe('the state store in memory', () => {
  let store: FakeStateStore;
  beforeEach(() => {
    store = new FakeStateStore();
  });
  stateStoreSuite(async () => store);
});

describe('the state store on disk', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'flotilla-state-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));
  stateStoreSuite(async () => new DiskStateStore(dir));

  test('refuses a shortened or changed file instead of reading it', async () => {
    const store = new DiskStateStore(dir);
    await store.write('document', Buffer.from('a long enough text'));
    await truncate(join(dir, 'document'), 70);
    await expect(store.read('document')).rejects.toThrow('fails its checksum');
    await store.write('document', Buffer.from('a long enough text'));
    const bytes = await readFile(join(dir, 'document'));
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(join(dir, 'document'), bytes);
    await expect(store.read('document')).rejects.toThrow('fails its checksum');
  });

  test('a failed write leaves the former value and no litter', async () => {
    const store = new DiskStateStore(dir);
    await store.write('document', Buffer.from('former'));
    await expect(store.write('document/below', Buffer.from('x'))).rejects.toThrow();
    expect(Buffer.from((await store.read('document'))!).toString()).toBe('former');
    expect(await readdir(dir)).toEqual(['document']);
  });

  test('refuses names that leave its directory', async () => {
    await expect(new DiskStateStore(dir).read('../secret')).rejects.toThrow('is no state name');
  });
});
