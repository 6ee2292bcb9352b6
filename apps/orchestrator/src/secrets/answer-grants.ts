import type { GrantsOfMany, GrantsOfManyReply, GrantsVerb, GrantsVerbReply } from '@flotilla/contracts';
import { isSpokeId } from '@flotilla/kernel';
import type { Logger } from '@flotilla/telemetry';
import type { AdmitSpoke } from '../desired/admit-spoke.js';
import type { DocumentBodies } from '../desired/document-bodies.js';
import { SpokeRefusedError } from '../desired/spoke-refused.errors.js';

/** Verb `grants`: tells the broker who a spoke is, and which grants the document that was stored for it holds; no others exist. */
export class AnswerGrants {
  readonly #bodies: DocumentBodies;
  readonly #spokes: AdmitSpoke;
  readonly #fleet: string;
  readonly #logger: Logger;

  constructor(bodies: DocumentBodies, spokes: AdmitSpoke, fleet: string, logger: Logger) {
    this.#bodies = bodies;
    this.#spokes = spokes;
    this.#fleet = fleet;
    this.#logger = logger;
  }

  /** Verb `grants-of-many`: one spoke whose document cannot be read takes nothing from the others. */
  async answerMany({ asks }: GrantsOfMany): Promise<GrantsOfManyReply> {
    const answers = await Promise.all(
      asks.map((ask) =>
        this.answer(ask).catch((error: unknown): GrantsVerbReply => {
          this.#logger.error('the grants of a spoke cannot be looked up', { spoke: ask.spoke, error });
          return { error: { code: 'unavailable', message: 'the hub could not do it now; try again' } };
        }),
      ),
    );
    return { answers };
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
