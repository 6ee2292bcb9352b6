import { type Grant, secretsReplySchema } from '@flotilla/contracts';
import { messageOf } from '@flotilla/kernel';
import { HubRefusalError, UntrustedContentError } from '../desired/desired.errors.js';
import type { HubLink } from '../link/hub.link.js';
import type { HeldSecret } from './prove-secret.js';

/** A grant whose value there is. */
export type WantedGrant = Grant & { version: string };

export interface SecretsPull {
  link: HubLink;
  session: number;
  /** Proves and keeps. @throws UntrustedContentError */
  keep: (secret: HeldSecret, grant: WantedGrant) => Promise<void>;
}

/** Envelopes asked for at once; one reply holds as many as fit a part. */
const MAX_WANTS = 50;

/**
 * Asks for values until each was taken or refused; resolves with the reason of each that was not taken. An answer about something
 * that was not asked for is ignored. @throws HubRefusalError, UnavailableError
 */
export async function pullSecrets({ link, session, keep }: SecretsPull, wanted: readonly WantedGrant[]): Promise<Map<string, string>> {
  const pending = new Map(wanted.map((grant) => [grant.id, grant]));
  const refusals = new Map<string, string>();
  while (pending.size > 0) {
    const before = pending.size;
    const wants = [...pending.values()].slice(0, MAX_WANTS).map(({ id, version }) => ({ grant: id, version }));
    const { meta } = await link.request('secrets', { session, wants });
    const reply = secretsReplySchema.parse(meta);
    if ('error' in reply) throw new HubRefusalError(reply.error.code, reply.error.message);
    for (const { grant: id, version, envelope, signature } of reply.envelopes) {
      const grant = pending.get(id);
      if (!grant) continue;
      pending.delete(id);
      try {
        if (version !== grant.version)
          throw new UntrustedContentError(`the envelope of grant ${id} is of another version than was asked for`);
        await keep({ grant: id, version, target: grant.target, envelope, signature }, grant);
      } catch (error) {
        if (!(error instanceof UntrustedContentError)) throw error;
        refusals.set(id, `refused: ${messageOf(error)}`);
      }
    }
    for (const { grant: id, code, message } of reply.refused) if (pending.delete(id)) refusals.set(id, `${code}: ${message}`);
    if (pending.size < before) continue;
    for (const id of pending.keys()) refusals.set(id, 'unavailable: the hub does not answer for it');
    return refusals;
  }
  return refusals;
}
