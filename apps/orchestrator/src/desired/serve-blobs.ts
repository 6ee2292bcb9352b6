import type { Blob, BlobStore } from '@flotilla/blobs';
import {
  type BlobsReply,
  type BlobsRequest,
  type Bundle,
  MAX_PART_BYTES,
  sealedBlobContext,
  sealedBlobStatement,
} from '@flotilla/contracts';
import { canonicalJson, type Digest } from '@flotilla/kernel';
import { type Keyring, sealToSpoke } from '@flotilla/keyring';
import type { BinaryReply, SpokeMessage } from '@flotilla/messaging';
import type { BundleCache } from '../candidates/bundle-cache.js';
import type { AdmitSpoke } from './admit-spoke.js';
import type { SpokeView } from './document.store.js';
import type { DocumentBodies } from './document-bodies.js';
import { FrameCache } from './frame-cache.js';
import { SpokeRefusedError } from './spoke-refused.errors.js';

export interface ServeBlobsParts {
  bodies: DocumentBodies;
  spokes: AdmitSpoke;
  blobs: BlobStore;
  bundles: BundleCache;
  keyring: Keyring;
}

type Part = Extract<BlobsReply, { parts: unknown }>['parts'][number];
/** Envelopes kept so that the second part of one belongs to the first. */
const MAX_ENVELOPES = 64;

/** Sends a spoke the blobs of a bundle its document names, and nothing else. */
export class ServeBlobs {
  readonly #parts: ServeBlobsParts;
  readonly #envelopes = new Map<string, Uint8Array>();
  readonly #frames: FrameCache;

  constructor(parts: ServeBlobsParts) {
    this.#parts = parts;
    this.#frames = new FrameCache(parts.blobs);
  }

  async serve({ spoke, content }: SpokeMessage<BlobsRequest>): Promise<BinaryReply<BlobsReply>> {
    const view = await this.#parts.spokes.admit(spoke, content.session);
    const named = await this.#parts.bodies.of(view);
    if (!named?.bundles.has(`${content.app} ${content.bundle}`)) {
      throw new SpokeRefusedError('invalid', `the current document names no bundle ${content.bundle} for application ${content.app}`);
    }
    const bundle = await this.#parts.bundles.get(content.bundle);
    const sealed = sealedBy(bundle, content);
    const wants = content.wants.filter(({ digest }) => !sealed.has(digest)).map(({ digest }) => digest as Digest);
    const frames = await this.#frames.get(wants);
    const parts: Part[] = [];
    const pieces: Uint8Array[] = [];
    let room = MAX_PART_BYTES;
    for (const { digest, offset } of content.wants) {
      const bytes = sealed.has(digest) ? await this.#envelope(view, spoke, digest) : frames.get(digest);
      if (!bytes) throw new SpokeRefusedError('unavailable', `blob ${digest} of bundle ${content.bundle} is not in the store`);
      const piece = bytes.subarray(Math.max(offset, 0), Math.max(offset, 0) + room);
      const signature = sealed.has(digest) ? this.#parts.keyring.sign(sealedBlobStatement(spoke, digest, bytes)) : undefined;
      parts.push({ digest, offset, length: piece.length, totalBytes: bytes.length, ...(signature ? { sealed: { signature } } : {}) });
      pieces.push(piece);
      room -= piece.length;
      if (room <= 0) break;
    }
    return { meta: { parts }, bytes: Buffer.concat(pieces) };
  }

  /** Sealing twice gives different bytes, so an envelope that needs several parts is kept for them. */
  async #envelope({ sealingKey, cluster }: SpokeView, spoke: string, digest: string): Promise<Uint8Array> {
    const key = `${spoke} ${digest}`;
    const known = this.#envelopes.get(key);
    if (known) return known;
    if (!sealingKey)
      throw new SpokeRefusedError('unavailable', `cluster ${cluster} has no sealing key on record, so no secret can be sent to it`);
    const [blob] = await this.#parts.blobs.get([digest as Digest]);
    if (!blob) throw new SpokeRefusedError('unavailable', `blob ${digest} is not in the store`);
    const envelope = await sealToSpoke(sealingKey, blob.bytes satisfies Blob['bytes'], sealedBlobContext(spoke, digest));
    const bytes = new TextEncoder().encode(canonicalJson(envelope));
    if (bytes.length > MAX_PART_BYTES / 2) remember(this.#envelopes, key, bytes, MAX_ENVELOPES);
    return bytes;
  }
}

/** @throws SpokeRefusedError for a digest the bundle does not hold; its own digest is one of it */
function sealedBy(bundle: Bundle, { bundle: own, wants }: BlobsRequest): ReadonlySet<string> {
  const items = new Map(bundle.items.map(({ digest, sealed }) => [digest, sealed === true]));
  const foreign = wants.find(({ digest }) => digest !== own && !items.has(digest));
  if (foreign) throw new SpokeRefusedError('invalid', `bundle ${own} holds no blob ${foreign.digest}`);
  return new Set([...items].filter(([, isSealed]) => isSealed).map(([digest]) => digest));
}

function remember<T>(cache: Map<string, T>, key: string, value: T, limit: number): void {
  cache.set(key, value);
  const oldest = cache.keys().next();
  if (cache.size > limit && !oldest.done) cache.delete(oldest.value);
}
