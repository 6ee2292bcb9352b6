import { desiredReplySchema, type Position, type SignedHeader } from '@flotilla/contracts';
import { canonicalJson } from '@flotilla/kernel';
import type { HubLink } from '../link/hub.link.js';
import { type HeldDocument, MAX_TEXT_BYTES, unpackText } from '../state/agent-state.js';
import { HubRefusalError, UntrustedContentError } from './desired.errors.js';
import { type Trust, verifyHeader } from './verify-document.js';

const MAX_PARTS = 1_000;

/** Fetches the newest document in parts; undefined when the hub has none newer. @throws HubRefusalError, UntrustedContentError */
export async function pullDocument(
  link: HubLink,
  session: number,
  held: Position | undefined,
  trust: Trust,
): Promise<HeldDocument | undefined> {
  let signed: SignedHeader | undefined;
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let i = 0; i < MAX_PARTS; i++) {
    const from = signed && { epoch: signed.header.epoch, generation: signed.header.generation, offset: size };
    const { meta, bytes } = await link.request('desired', { session, held, from });
    const reply = desiredReplySchema.parse(meta);
    if ('error' in reply) throw new HubRefusalError(reply.error.code, reply.error.message);
    if ('current' in reply) return undefined;
    if (!signed || canonicalJson(signed) !== canonicalJson(reply.signed)) {
      // A newer document took the place of the one that was being read: begin with it, if the hub sent its beginning.
      if (reply.offset !== 0) throw new HubRefusalError('moved', 'the document changed while it was read');
      verifyHeader(reply.signed, trust, held);
      signed = reply.signed;
      parts.length = 0;
      size = 0;
    }
    if (reply.offset !== size || reply.totalBytes > MAX_TEXT_BYTES || (bytes.length === 0 && reply.totalBytes > size)) {
      throw new UntrustedContentError('the parts of the document do not fit together');
    }
    parts.push(bytes);
    size += bytes.length;
    if (size >= reply.totalBytes) return { signed, body: await unpackText(Buffer.concat(parts)) };
  }
  throw new UntrustedContentError(`the document has more than ${MAX_PARTS} parts`);
}
