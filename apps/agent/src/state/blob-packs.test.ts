import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../log.js';
import { BlobPacks, type PackedBlob } from './blob-packs.js';
import { DiskStateStore } from './state.store.disk.js';

describe('blobs in packs', () => {
  let dir: string;
  let packs: BlobPacks;
  const again = (): BlobPacks => new BlobPacks(new DiskStateStore(dir), silentLog);
  const files = async (): Promise<string[]> => readdir(join(dir, 'packs')).catch(() => []);
  const blobs = (...names: string[]): Map<string, PackedBlob> => new Map(names.map((name) => [name, { bytes: Buffer.from(`<${name}>`) }]));
  const text = async (name: string, from = packs): Promise<string | undefined> => {
    const blob = await from.read(name);
    return blob && Buffer.from(blob.bytes).toString('utf8');
  };
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'flotilla-packs-'));
    packs = again();
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  test('that come together are one file, and are found again by another process', async () => {
    await packs.write(new Map([...blobs('a', 'b'), ['s', { bytes: Buffer.from('sealed\n'), sealed: { signature: 'sig' } }]]));
    await packs.write(blobs('c'));
    expect(await files()).toHaveLength(2);
    for (const held of [packs, again()]) {
      expect(await held.digests()).toEqual(new Set(['a', 'b', 's', 'c']));
      expect(await text('b', held)).toBe('<b>');
      expect(await held.read('s')).toMatchObject({ sealed: { signature: 'sig' } });
      expect(await held.read('none')).toBeUndefined();
    }
  });

  test('more than one pack holds are several files', async () => {
    const big = { bytes: Buffer.alloc(700 * 1024, 'x') };
    await packs.write(
      new Map([
        ['a', big],
        ['b', big],
        ['c', big],
      ]),
    );
    expect(await files()).toHaveLength(3);
    expect((await again().read('c'))?.bytes.length).toBe(700 * 1024);
  });

  test('go when nobody wants them: whole packs at once, a pack mostly unwanted is written anew', async () => {
    await packs.write(blobs('a', 'b', 'c', 'd'));
    await packs.write(blobs('x', 'y'));
    const before = await files();
    await packs.retain(new Set(['a', 'b', 'c']));
    expect(await packs.digests()).toEqual(new Set(['a', 'b', 'c']));
    expect(await files()).toHaveLength(1);
    expect(before).toEqual(expect.arrayContaining(await files()));
    await packs.retain(new Set(['a']));
    expect(before).not.toEqual(expect.arrayContaining(await files()));
    expect(await text('a')).toBe('<a>');
    expect(await again().digests()).toEqual(new Set(['a']));
    await packs.retain(new Set());
    expect(await files()).toEqual([]);
  });

  test('of a damaged or vanished file count as never written', async () => {
    await packs.write(blobs('a'));
    const [damaged] = await files();
    const path = join(dir, 'packs', damaged!);
    const bytes = await readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(path, bytes);
    expect(await packs.read('a')).toBeUndefined();
    expect(await packs.digests()).toEqual(new Set());
    await packs.write(blobs('b'));
    await rm(join(dir, 'packs'), { recursive: true });
    expect(await packs.digests()).toEqual(new Set());
    await packs.write(blobs('a', 'b'));
    expect(await text('a')).toBe('<a>');
  });
});
