import { verifyBlob } from '@flotilla/bundle';
import { blobsReplySchema, sealedBlobStatement } from '@flotilla/contracts';
import { verifySignature } from '@flotilla/keyring';
import type { HubLink } from '../link/hub.link.js';
import { type AgentState, type HeldBlob, MAX_TEXT_BYTES, unpackText } from '../state/agent-state.js';
import { HubRefusalError, UntrustedContentError } from './desired.errors.js';
import type { Trust } from './verify-document.js';

export interface BlobRequest {
  session: number;
  app: string;
  bundle: string;
  digests: readonly string[];
}

const MAX_WANTS = 400;
/** Answers in a row that bring nothing new end the pull. */
const MAX_EMPTY = 2;

interface Partial {
  chunks: Uint8Array[];
  size: number;
}

/** Fetches blobs of one bundle, proves each and puts it on disk as it comes in. @throws HubRefusalError, UntrustedContentError */
export async function pullBlobs(link: HubLink, state: AgentState, trust: Trust, request: BlobRequest): Promise<void> {
  const missing = new Set(request.digests);
  const partial = new Map<string, Partial>();
  for (let empty = 0; missing.size > 0; ) {
    const wants = [...missing].slice(0, MAX_WANTS).map((digest) => ({ digest, offset: partial.get(digest)?.size ?? 0 }));
    const { meta, bytes } = await link.request('blobs', { session: request.session, app: request.app, bundle: request.bundle, wants });
    const reply = blobsReplySchema.parse(meta);
    if ('error' in reply) throw new HubRefusalError(reply.error.code, reply.error.message);
    let at = 0;
    let taken = 0;
    const whole = new Map<string, HeldBlob>();
    for (const part of reply.parts) {
      const chunk = bytes.subarray(at, at + part.length);
      at += part.length;
      const soFar = partial.get(part.digest) ?? { chunks: [], size: 0 };
      if (!missing.has(part.digest) || part.offset !== soFar.size || chunk.length !== part.length || part.totalBytes > MAX_TEXT_BYTES)
        continue;
      partial.set(part.digest, { chunks: [...soFar.chunks, chunk], size: soFar.size + chunk.length });
      taken += chunk.length;
      if (soFar.size + chunk.length < part.totalBytes) continue;
      const blob = { bytes: Buffer.concat([...soFar.chunks, chunk]), sealed: part.sealed };
      whole.set(part.digest, { ...blob, text: await proveBlob(part.digest, blob, trust) });
      partial.delete(part.digest);
    }
    await state.writeBlobs(whole);
    for (const digest of whole.keys()) missing.delete(digest);
    empty = taken > 0 ? 0 : empty + 1;
    if (empty >= MAX_EMPTY)
      throw new HubRefusalError('unavailable', `the hub does not send blob ${[...missing][0]} of bundle ${request.bundle}`);
  }
}

/**
 * Plain blobs by their own digest; envelopes by the hub's signature, as their digest is an HMAC. Resolves with the text of a
 * plain one. @throws UntrustedContentError
 */
async function proveBlob(digest: string, blob: HeldBlob, trust: Trust): Promise<string | undefined> {
  if (!blob.sealed) {
    const text = await unpackText(blob.bytes);
    verifyBlob(text, digest);
    return text;
  }
  if (!verifySignature(trust.signingKey, sealedBlobStatement(trust.spokeId, digest, blob.bytes), blob.sealed.signature)) {
    throw new UntrustedContentError(`sealed blob ${digest} is not signed by the pinned key of the hub`, { digest });
  }
  return undefined;
}
