import { promisify } from 'node:util';
import { zstdCompressSync } from 'node:zlib';
import type { DesiredHeader, Wake } from '@flotilla/contracts';
import { type Clock, canonicalJson, type SpokeId } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import type { MessageBus } from '@flotilla/messaging';
import { buildBody } from './build-document.js';
import type { DocumentInput, DocumentStore, NewDocument, StoredDocument } from './document.store.js';

/** A document no larger than this, compressed, travels inside its wake. */
const MAX_WAKE_BYTES = 32 * 1024;
/** A busy cluster's document is written at most this often. */
const WRITE_EVERY_MS = 50;
const yieldToLoop = promisify(setImmediate);

export interface WriteDocumentsParts {
  documents: DocumentStore;
  keyring: Keyring;
  bus: MessageBus;
  clock: Clock;
  /** Name of the fleet, as every header says it. */
  fleet: string;
}

/** Turns assignments and removals of clusters into stored, signed bytes, and wakes their spokes after the commit. */
export class WriteDocuments {
  readonly #parts: WriteDocumentsParts;

  constructor(parts: WriteDocumentsParts) {
    this.#parts = parts;
  }

  /** @returns clusters that were written a moment ago, and when they may be written again */
  async write(clusters: readonly string[]): Promise<Map<string, number>> {
    const { documents, clock } = this.#parts;
    const now = clock.now();
    const written = await documents.lastWritten(clusters);
    const early = new Map(
      clusters.flatMap((cluster) => {
        const at = (written.get(cluster) ?? 0) + WRITE_EVERY_MS;
        return at > now ? [[cluster, at] as const] : [];
      }),
    );
    const stored = await documents.update(
      clusters.filter((cluster) => !early.has(cluster)),
      now,
      (inputs) => inputs.flatMap((input) => this.#next(input, now)),
    );
    for (const [i, document] of stored.entries()) {
      this.#wake(document);
      if (i % 100 === 99) await yieldToLoop();
    }
    return early;
  }

  /** Nothing when the body is what the spoke has already; a cluster with nothing to run and no document gets none. */
  #next(input: DocumentInput, now: number): NewDocument[] {
    const { cluster, spoke, position, bodyDigest, writtenFor, assignments, removals, versions } = input;
    if (position.generation === 0 && assignments.length === 0 && removals.length === 0) return [];
    const { text, digest, grants } = buildBody(assignments, removals, versions);
    if (digest === bodyDigest && spoke === writtenFor) return [];
    const header: DesiredHeader = {
      fleet: this.#parts.fleet,
      spoke,
      cluster,
      epoch: position.epoch,
      generation: position.generation + 1,
      bodyDigest: digest,
      bodyBytes: Buffer.byteLength(text),
      issuedAt: new Date(now).toISOString(),
    };
    const signature = this.#parts.keyring.sign(canonicalJson(header));
    return [{ cluster, signed: { header, signature }, body: zstdCompressSync(text), grants }];
  }

  #wake({ signed, body }: StoredDocument): void {
    this.#parts.bus.tellSpoke(signed.header.spoke as SpokeId, 'wake', wakeOf(signed, body));
  }
}

export function wakeOf(signed: StoredDocument['signed'], body: Uint8Array): Wake {
  const { epoch, generation } = signed.header;
  if (body.length > MAX_WAKE_BYTES) return { epoch, generation };
  return { epoch, generation, document: { signed, body: Buffer.from(body).toString('base64') } };
}
