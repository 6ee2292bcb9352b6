import { promisify } from 'node:util';
import { zstdDecompress, zstdDecompressSync } from 'node:zlib';
import type { SignedHeader } from '@flotilla/contracts';
import { digestBytes, isObject, messageOf } from '@flotilla/kernel';
import type { SpokeKeys } from '../enrol/spoke-keys.js';
import type { Log } from '../log.js';
import { type AppRecord, readAppRecord, writeAppRecord } from '../plan/app-record.js';
import type { HeldSecret } from '../secrets/prove-secret.js';
import { BlobPacks, type PackedBlob } from './blob-packs.js';
import type { StateStore } from './state.store.js';

/** Who this spoke is. The seed and the private key never leave the agent. */
export interface Identity {
  spokeId: string;
  cluster: string;
  fleet: string;
  /** PEM; the hub's own CA, proven by the hash in the join token. */
  hubCa: string;
  hubUrl: string;
  natsUrls: string[];
  natsCa?: string;
  userJwt: string;
  nkeySeed: string;
  /** Raw X25519, base64. */
  sealingPrivateKey: string;
  /** The pinned signing key of the hub: raw ed25519, base64. */
  signingKey: string;
}

/** An enrolment under way: the digest of its join token, and the keys handed in with it. */
export interface Enrolment {
  token: string;
  keys: SpokeKeys;
}

export interface HeldDocument {
  signed: SignedHeader;
  /** Uncompressed text whose digest the header names. */
  body: string;
}

/** A blob at hand. */
export interface HeldBlob extends PackedBlob {
  /** Of a plain one that was unpacked just now. */
  text?: string;
}

const decompress = promisify(zstdDecompress);
/** Uncompressed size of one blob, document or backup at most. */
export const MAX_TEXT_BYTES = 64 * 1024 * 1024;
const MAX_RECENT_BYTES = 1024 * 1024;
const SMALL_FRAME_BYTES = 32 * 1024;

/** The agent's memory over restarts, on a store. What cannot be read counts as never written, and says so in the log. */
export class AgentState {
  readonly #store: StateStore;
  readonly #log: Log;
  readonly #packs: BlobPacks;
  readonly #recent = new Map<string, HeldBlob>();
  #recentBytes = 0;

  constructor(store: StateStore, log: Log) {
    this.#store = store;
    this.#log = log;
    this.#packs = new BlobPacks(store, log);
  }

  loadIdentity(): Promise<Identity | undefined> {
    return this.#loadJson<Identity>('identity');
  }

  saveIdentity(identity: Identity): Promise<void> {
    return this.#store.write('identity', Buffer.from(JSON.stringify(identity)));
  }

  loadEnrolment(): Promise<Enrolment | undefined> {
    return this.#loadJson<Enrolment>('enrolment');
  }

  saveEnrolment(enrolment: Enrolment): Promise<void> {
    return this.#store.write('enrolment', Buffer.from(JSON.stringify(enrolment)));
  }

  removeEnrolment(): Promise<void> {
    return this.#store.remove('enrolment');
  }

  loadDocument(): Promise<HeldDocument | undefined> {
    return this.#loadJson<HeldDocument>('document');
  }

  saveDocument(document: HeldDocument): Promise<void> {
    return this.#store.write('document', Buffer.from(JSON.stringify(document)));
  }

  async loadRecords(): Promise<AppRecord[]> {
    const names = await this.#store.list('records');
    const texts = await Promise.all(names.map((name) => this.#read(name)));
    return texts.flatMap((bytes) => (bytes ? (readAppRecord(Buffer.from(bytes).toString('utf8')) ?? []) : []));
  }

  saveRecord(record: AppRecord): Promise<void> {
    return this.#store.write(recordName(record.uid), Buffer.from(writeAppRecord(record)));
  }

  removeRecord(uid: string): Promise<void> {
    return this.#store.remove(recordName(uid));
  }

  async loadSecrets(): Promise<HeldSecret[]> {
    const names = await this.#store.list('secrets');
    const found = await Promise.all(names.map((name) => this.#loadJson<HeldSecret>(name).catch(() => undefined)));
    return found.flatMap((secret) => secret ?? []);
  }

  readSecret(grant: string): Promise<HeldSecret | undefined> {
    return this.#loadJson<HeldSecret>(secretName(grant));
  }

  saveSecret(secret: HeldSecret): Promise<void> {
    return this.#store.write(secretName(secret.grant), Buffer.from(JSON.stringify(secret)));
  }

  removeSecret(grant: string): Promise<void> {
    return this.#store.remove(secretName(grant));
  }

  blobDigests(): Promise<Set<string>> {
    return this.#packs.digests();
  }

  async readBlob(digest: string): Promise<HeldBlob | undefined> {
    const recent = this.#recent.get(digest);
    if (recent) {
      this.#forget(digest);
      return recent;
    }
    return this.#packs.read(digest);
  }

  /** Durable when it resolves. */
  async writeBlobs(blobs: ReadonlyMap<string, HeldBlob>): Promise<void> {
    await this.#packs.write(blobs);
    for (const [digest, blob] of blobs) this.#remember(digest, blob);
  }

  /** Drops every blob that is not named. */
  async retainBlobs(wanted: ReadonlySet<string>): Promise<void> {
    for (const digest of this.#recent.keys()) if (!wanted.has(digest)) this.#forget(digest);
    await this.#packs.retain(wanted);
  }

  /** What was just fetched is read once soon and then hardly again: a bounded few stay in memory until then. */
  #remember(digest: string, blob: HeldBlob): void {
    this.#forget(digest);
    this.#recent.set(digest, blob);
    this.#recentBytes += sizeOf(blob);
    for (const [oldest, held] of this.#recent) {
      if (this.#recentBytes <= MAX_RECENT_BYTES) return;
      this.#recent.delete(oldest);
      this.#recentBytes -= sizeOf(held);
    }
  }

  #forget(digest: string): void {
    const held = this.#recent.get(digest);
    if (!held) return;
    this.#recentBytes -= sizeOf(held);
    this.#recent.delete(digest);
  }

  async #loadJson<T>(name: string): Promise<T | undefined> {
    const bytes = await this.#read(name);
    const value = bytes && (JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown);
    return isObject(value) ? (value as unknown as T) : undefined;
  }

  async #read(name: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#store.read(name);
    } catch (error) {
      this.#log('error', 'kept state unreadable', { name, error: messageOf(error) });
      return undefined;
    }
  }
}

const fileName = (id: string): string => (/^[a-z0-9-]{1,64}$/.test(id) ? id : digestBytes(id));
const recordName = (uid: string): string => `records/${fileName(uid)}`;
const secretName = (grant: string): string => `secrets/${fileName(grant)}`;

const sizeOf = ({ bytes, text }: HeldBlob): number => bytes.length + (text?.length ?? 0);

/** The text of a plain blob. @throws RangeError from zlib beyond MAX_TEXT_BYTES */
export async function textOf(blob: HeldBlob): Promise<string> {
  return blob.text ?? unpackText(blob.bytes);
}

/** @throws RangeError from zlib beyond MAX_TEXT_BYTES */
export async function unpackText(frame: Uint8Array): Promise<string> {
  const limit = { maxOutputLength: MAX_TEXT_BYTES };
  // For a small frame the way to a worker thread and back costs more than the work.
  const bytes = frame.length < SMALL_FRAME_BYTES ? zstdDecompressSync(frame, limit) : await decompress(frame, limit);
  return bytes.toString('utf8');
}
