import { zstdDecompressSync } from 'node:zlib';
import { type Digest, digestBytes } from '@flotilla/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Blob, BlobStore } from './blob-store.js';

export function plainBlob(text: string): Blob {
  return { digest: digestBytes(text), bytes: new TextEncoder().encode(text), sealed: false };
}

export function sealedBlob(text: string): Blob {
  return { digest: digestBytes(`keyed ${text}`), bytes: new TextEncoder().encode(text), sealed: true };
}

export async function* naming(...blobs: Blob[]): AsyncIterable<Digest> {
  for (const { digest } of blobs) yield digest;
}

const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const digestsOf = (...blobs: Blob[]) => blobs.map(({ digest }) => digest);
const texts = async (store: BlobStore, ...blobs: Blob[]) => (await store.get(digestsOf(...blobs))).map(({ bytes }) => textOf(bytes)).sort();

/** What every adapter of BlobStore does. @param open gives an empty store */
export function describeBlobStore(open: () => Promise<BlobStore>): void {
  let store: BlobStore;
  beforeEach(async () => {
    store = await open();
  });

  describe('a blob store', () => {
    it('gives back what was put, plain and sealed, and leaves out what it has not', async () => {
      const [plain, secret, absent] = [plainBlob('plain'), sealedBlob('secret'), plainBlob('absent')];
      await store.put([plain, secret]);
      const found = await store.get(digestsOf(plain, secret, absent));
      expect(found).toHaveLength(2);
      for (const blob of [plain, secret]) {
        const own = found.find(({ digest }) => digest === blob.digest);
        expect([textOf(own?.bytes), own?.sealed]).toEqual([textOf(blob.bytes), blob.sealed]);
      }
      expect(await store.missing(digestsOf(plain, secret, absent, absent))).toEqual([absent.digest]);
    });

    it('takes the same blob again, twice in one batch and from several writers at once', async () => {
      const blobs = Array.from({ length: 50 }, (_, i) => plainBlob(`blob ${i}`));
      await Promise.all(Array.from({ length: 4 }, (_, i) => store.put(i % 2 ? [...blobs, ...blobs] : [...blobs].reverse())));
      expect(await store.missing(digestsOf(...blobs))).toEqual([]);
      expect(await texts(store, ...blobs)).toHaveLength(50);
    });

    it('hands out zstd frames of plain blobs and never a sealed one', async () => {
      const [plain, secret] = [plainBlob('x'.repeat(10_000)), sealedBlob('secret')];
      await store.put([plain, secret]);
      const frames = await store.getCompressed(digestsOf(plain, secret));
      expect(frames.map(({ digest }) => digest)).toEqual([plain.digest]);
      expect(frames[0]!.frame.length).toBeLessThan(200);
      expect(textOf(zstdDecompressSync(frames[0]!.frame))).toBe('x'.repeat(10_000));
    });

    it('refuses content under another digest and stores nothing of that batch', async () => {
      const wrong = { ...plainBlob('one'), bytes: new TextEncoder().encode('other') };
      const right = plainBlob('right');
      await expect(store.put([right, wrong])).rejects.toMatchObject({ code: 'invalid' });
      expect(await store.missing(digestsOf(right, wrong))).toEqual(digestsOf(right, wrong).sort());
    });

    it('sweeps what nobody names and what is old enough', async () => {
      const [kept, dropped] = [plainBlob('kept'), sealedBlob('dropped')];
      await store.put([kept, dropped]);
      expect(await store.sweep(naming(kept), 60_000)).toBe(0);
      expect(await store.sweep(naming(kept), 0)).toBe(1);
      expect(await texts(store, kept, dropped)).toEqual(['kept']);
    });

    it('drops nothing when the names break off, or when there are none', async () => {
      const [one, other] = [plainBlob('one'), plainBlob('other')];
      await store.put([one, other]);
      const breaking = (async function* () {
        yield one.digest;
        throw new Error('lost the database');
      })();
      await expect(store.sweep(breaking, 0)).rejects.toThrow('lost the database');
      expect(await store.sweep(naming(), 0)).toBe(0);
      expect(await texts(store, one, other)).toEqual(['one', 'other']);
    });
  });
}
