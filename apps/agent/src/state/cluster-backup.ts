import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { messageOf } from '@flotilla/kernel';
import type { Log } from '../log.js';
import { readAppRecord, writeAppRecord } from '../plan/app-record.js';
import type { HeldSecret } from '../secrets/prove-secret.js';
import { type AgentState, type HeldBlob, type HeldDocument, MAX_TEXT_BYTES } from './agent-state.js';
import type { StateStore } from './state.store.js';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
/** Blobs, and secrets, go along while they are smaller than this in all; beyond it only document and inventory do. */
const MAX_BLOB_BYTES = 16 * 1024 * 1024;

interface Backup {
  document?: HeldDocument;
  records: string[];
  /** Sealed, as they came. */
  secrets?: HeldSecret[];
  blobs: Record<string, { bytes: string; sealed?: { signature: string } }>;
}

/** Copies identity, document, inventory and blobs into the cluster, so that an agent on an empty disk goes on from there. */
export class ClusterBackup {
  readonly #state: AgentState;
  readonly #store: StateStore;
  readonly #log: Log;

  constructor(state: AgentState, store: StateStore, log: Log) {
    this.#state = state;
    this.#store = store;
    this.#log = log;
  }

  /** Sealed blobs stay sealed; clear text of Secrets is in none of it. */
  async save(): Promise<void> {
    const [identity, document, records] = await Promise.all([
      this.#state.loadIdentity(),
      this.#state.loadDocument(),
      this.#state.loadRecords(),
    ]);
    const backup: Backup = { document, records: records.map(writeAppRecord), secrets: await this.#secrets(), blobs: await this.#blobs() };
    if (identity) await this.#store.write('identity', Buffer.from(JSON.stringify(identity)));
    await this.#store.write('state', await compress(Buffer.from(JSON.stringify(backup))));
  }

  /** Fills an empty disk; true when something was found. */
  async restore(): Promise<boolean> {
    try {
      const identity = await this.#store.read('identity');
      if (!identity) return false;
      await this.#state.saveIdentity(JSON.parse(Buffer.from(identity).toString('utf8')));
      const packed = await this.#store.read('state');
      if (!packed) return true;
      const text = (await decompress(packed, { maxOutputLength: 4 * MAX_TEXT_BYTES })).toString('utf8');
      const { document, records, secrets = [], blobs } = JSON.parse(text) as Backup;
      const held = Object.entries(blobs).map(
        ([digest, { bytes, sealed }]) => [digest, { bytes: Buffer.from(bytes, 'base64'), sealed }] as const,
      );
      await this.#state.writeBlobs(new Map(held));
      for (const record of records.flatMap((line) => readAppRecord(line) ?? [])) await this.#state.saveRecord(record);
      for (const secret of secrets) await this.#state.saveSecret(secret);
      if (document) await this.#state.saveDocument(document);
      return true;
    } catch (error) {
      this.#log('warn', 'no backup in the cluster', { error: messageOf(error) });
      return false;
    }
  }

  async #secrets(): Promise<HeldSecret[]> {
    const secrets = await this.#state.loadSecrets();
    return secrets.reduce((sum, { envelope }) => sum + envelope.length, 0) > MAX_BLOB_BYTES ? [] : secrets;
  }

  async #blobs(): Promise<Backup['blobs']> {
    const held: [string, HeldBlob][] = [];
    let size = 0;
    for (const digest of await this.#state.blobDigests()) {
      const blob = await this.#state.readBlob(digest);
      if (!blob) continue;
      size += blob.bytes.length;
      if (size > MAX_BLOB_BYTES) return {};
      held.push([digest, blob]);
    }
    return Object.fromEntries(
      held.map(([digest, { bytes, sealed }]) => [digest, { bytes: Buffer.from(bytes).toString('base64'), sealed }]),
    );
  }
}
