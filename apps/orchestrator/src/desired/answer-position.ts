import { isNewer, type positionReplySchema, type positionRequestSchema, type SignedHeader } from '@flotilla/contracts';
import { type Clock, canonicalJson } from '@flotilla/kernel';
import { type Keyring, verifySignature } from '@flotilla/keyring';
import type { z } from 'zod';
import type { DocumentStore } from './document.store.js';

/**
 * Where a cluster's document stands. A header that our own key signed for this cluster and that is newer than what is stored
 * proves that this hub was restored from a backup: the cluster is held in observe mode instead of being overwritten.
 */
export class AnswerPosition {
  readonly #documents: DocumentStore;
  readonly #keyring: Keyring;
  readonly #clock: Clock;

  constructor(documents: DocumentStore, keyring: Keyring, clock: Clock) {
    this.#documents = documents;
    this.#keyring = keyring;
    this.#clock = clock;
  }

  async answer({ cluster, held }: z.infer<typeof positionRequestSchema>): Promise<z.infer<typeof positionReplySchema>> {
    const position = await this.#documents.position(cluster);
    const isProof = held?.header.cluster === cluster && isNewer(held.header, position) && this.#isOurs(held);
    if (held && isProof) await this.#documents.observe(cluster, held, this.#clock.now());
    const observe = isProof || position?.observe === true;
    if (!position || position.generation === 0) return observe ? { observe } : {};
    return { epoch: position.epoch, generation: position.generation, ...(observe ? { observe } : {}) };
  }

  #isOurs({ header, signature }: SignedHeader): boolean {
    return verifySignature(this.#keyring.signingKey, canonicalJson(header), signature);
  }
}
