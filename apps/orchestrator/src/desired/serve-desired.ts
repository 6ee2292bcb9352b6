import { type DesiredReply, type DesiredRequest, isNewer, MAX_PART_BYTES } from '@flotilla/contracts';
import type { BinaryReply, SpokeMessage } from '@flotilla/messaging';
import type { AdmitSpoke } from './admit-spoke.js';
import type { DocumentStore } from './document.store.js';

/** Serves a cluster's stored document to its spoke, in parts. */
export class ServeDesired {
  readonly #documents: DocumentStore;
  readonly #spokes: AdmitSpoke;

  constructor(documents: DocumentStore, spokes: AdmitSpoke) {
    this.#documents = documents;
    this.#spokes = spokes;
  }

  async serve({ spoke, content }: SpokeMessage<DesiredRequest>): Promise<BinaryReply<DesiredReply>> {
    const { cluster, position } = await this.#spokes.admit(spoke, content.session);
    if (!position || !isNewer(position, content.held)) return { meta: { current: true } };
    const document = await this.#documents.read(cluster);
    if (!document || document.signed.header.spoke !== spoke) return { meta: { current: true } };
    const { signed, body } = document;
    // A document that changed between two parts starts over.
    const isSame = content.from?.epoch === signed.header.epoch && content.from.generation === signed.header.generation;
    const offset = isSame ? Math.min(Math.max(content.from!.offset, 0), body.length) : 0;
    return { meta: { signed, offset, totalBytes: body.length }, bytes: body.subarray(offset, offset + MAX_PART_BYTES) };
  }
}
