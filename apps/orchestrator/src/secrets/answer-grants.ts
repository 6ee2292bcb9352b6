import type { GrantsVerb, GrantsVerbReply } from '@flotilla/contracts';
import { isSpokeId } from '@flotilla/kernel';
import type { AdmitSpoke } from '../desired/admit-spoke.js';
import type { DocumentBodies } from '../desired/document-bodies.js';
import { SpokeRefusedError } from '../desired/spoke-refused.errors.js';

/** Verb `grants`: tells the broker who a spoke is, and which grants the document that was stored for it holds; no others exist. */
export class AnswerGrants {
  readonly #bodies: DocumentBodies;
  readonly #spokes: AdmitSpoke;
  readonly #fleet: string;

  constructor(bodies: DocumentBodies, spokes: AdmitSpoke, fleet: string) {
    this.#bodies = bodies;
    this.#spokes = spokes;
    this.#fleet = fleet;
  }

  async answer({ spoke, session, grants }: GrantsVerb): Promise<GrantsVerbReply> {
    try {
      if (!isSpokeId(spoke)) throw new SpokeRefusedError('unknown-spoke', 'no cluster is bound to this spoke');
      const view = await this.#spokes.admit(spoke, session);
      const { cluster, sealingKey } = view;
      if (!sealingKey)
        throw new SpokeRefusedError('unavailable', `cluster ${cluster} has no sealing key on record, so no secret can be sent to it`);
      const body = await this.#bodies.of(view);
      const found = grants.flatMap((id) => body?.grants.get(id) ?? []);
      return { fleet: this.#fleet, cluster, sealingKey, grants: found };
    } catch (error) {
      if (!(error instanceof SpokeRefusedError)) throw error;
      return { error: { code: error.code, message: error.message } };
    }
  }
}
