import { isObject, messageOf, newToken } from '@flotilla/kernel';
import type { Log } from '../log.js';
import { StateCorruptError } from './state.errors.js';
import type { StateStore } from './state.store.js';

/** A blob as it rests: plain ones are zstd frames, Secret objects stay the envelope they came in, with the hub's signature. */
export interface PackedBlob {
  bytes: Uint8Array;
  sealed?: { signature: string };
}

interface Entry {
  digest: string;
  length: number;
  signature?: string;
}

interface Place extends Entry {
  pack: string;
  /** From the beginning of the file. */
  offset: number;
}

/** A pack is closed once it has this size; one larger blob has a pack of its own. */
const MAX_PACK_BYTES = 1024 * 1024;

/**
 * Blobs that came together rest in one file, because a durable write has its price per file: a line of JSON says digest, length
 * and signature of each, their bytes follow. A pack goes when nothing of it is wanted, and is written anew once most of it is not.
 */
export class BlobPacks {
  readonly #store: StateStore;
  readonly #log: Log;
  readonly #places = new Map<string, Place>();
  readonly #sizes = new Map<string, number>();
  /** The pack read last: its other blobs are asked for next. */
  #open: { pack: string; bytes: Promise<Uint8Array | undefined> } | undefined;

  constructor(store: StateStore, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /** What is on disk now. */
  async digests(): Promise<Set<string>> {
    await this.#look();
    return new Set(this.#places.keys());
  }

  async read(digest: string): Promise<PackedBlob | undefined> {
    if (!this.#places.has(digest)) await this.#look();
    for (let place = this.#places.get(digest); place; place = this.#places.get(digest)) {
      const bytes = await this.#readPack(place.pack);
      // It may have been moved to another pack, or be lost, meanwhile.
      if (!bytes) {
        if (this.#places.get(digest) === place) this.#drop(place.pack);
        continue;
      }
      const { offset, length, signature } = place;
      return { bytes: bytes.subarray(offset, offset + length), ...(signature === undefined ? {} : { sealed: { signature } }) };
    }
    return undefined;
  }

  async write(blobs: ReadonlyMap<string, PackedBlob>): Promise<void> {
    let size = 0;
    let pack: [string, PackedBlob][] = [];
    for (const entry of blobs) {
      if (pack.length > 0 && size + entry[1].bytes.length > MAX_PACK_BYTES) {
        await this.#writePack(pack);
        pack = [];
        size = 0;
      }
      pack.push(entry);
      size += entry[1].bytes.length;
    }
    if (pack.length > 0) await this.#writePack(pack);
  }

  /** Drops every blob that is not named. */
  async retain(wanted: ReadonlySet<string>): Promise<void> {
    await this.#look();
    const kept = new Map<string, Place[]>([...this.#sizes.keys()].map((pack) => [pack, []]));
    for (const [digest, place] of this.#places) {
      if (wanted.has(digest)) kept.get(place.pack)?.push(place);
      else this.#places.delete(digest);
    }
    for (const [pack, places] of kept) {
      const size = places.reduce((sum, { length }) => sum + length, 0);
      if (size > 0 && size * 2 >= (this.#sizes.get(pack) ?? 0)) continue;
      const survivors = new Map<string, PackedBlob>();
      for (const { digest } of places) {
        const blob = await this.read(digest);
        if (blob) survivors.set(digest, blob);
      }
      await this.write(survivors);
      this.#drop(pack);
      await this.#store.remove(pack);
    }
  }

  async #look(): Promise<void> {
    const names = new Set(await this.#store.list('packs'));
    for (const pack of this.#sizes.keys()) if (!names.has(pack)) this.#drop(pack);
    for (const pack of names) if (!this.#sizes.has(pack)) await this.#index(pack);
  }

  async #index(pack: string): Promise<void> {
    const bytes = await this.#readPack(pack);
    if (!bytes) return;
    const end = bytes.indexOf(10);
    const entries = JSON.parse(Buffer.from(bytes.subarray(0, end)).toString('utf8')) as unknown;
    if (Array.isArray(entries)) this.#add(pack, entries.filter(isObject) as unknown as Entry[], end + 1);
  }

  #add(pack: string, entries: readonly Entry[], from: number): void {
    let offset = from;
    for (const entry of entries) {
      this.#places.set(entry.digest, { ...entry, pack, offset });
      offset += entry.length;
    }
    this.#sizes.set(pack, offset - from);
  }

  #drop(pack: string): void {
    this.#sizes.delete(pack);
    for (const [digest, place] of this.#places) if (place.pack === pack) this.#places.delete(digest);
    if (this.#open?.pack === pack) this.#open = undefined;
  }

  async #writePack(blobs: readonly [string, PackedBlob][]): Promise<void> {
    const pack = `packs/${newToken(16)
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '-')}`;
    const entries = blobs.map(
      ([digest, { bytes, sealed }]): Entry => ({ digest, length: bytes.length, ...(sealed ? { signature: sealed.signature } : {}) }),
    );
    const head = Buffer.from(`${JSON.stringify(entries)}\n`);
    await this.#store.write(pack, Buffer.concat([head, ...blobs.map(([, { bytes }]) => bytes)]));
    this.#add(pack, entries, head.length);
  }

  #readPack(pack: string): Promise<Uint8Array | undefined> {
    if (this.#open?.pack !== pack) this.#open = { pack, bytes: this.#readWhole(pack) };
    return this.#open.bytes;
  }

  /** A damaged pack counts as never written: what was in it is fetched again. */
  async #readWhole(pack: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#store.read(pack);
    } catch (error) {
      this.#log('error', 'kept state unreadable', { name: pack, error: messageOf(error) });
      if (error instanceof StateCorruptError) await this.#store.remove(pack);
      return undefined;
    }
  }
}
