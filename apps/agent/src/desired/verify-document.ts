import {
  type DesiredBody,
  type DesiredHeader,
  desiredBodySchema,
  isNewer,
  type Position,
  type SignedHeader,
  signedHeaderSchema,
} from '@flotilla/contracts';
import { canonicalJson, digestBytes, messageOf } from '@flotilla/kernel';
import { verifySignature } from '@flotilla/keyring';
import { UntrustedContentError } from './desired.errors.js';

export interface Trust {
  /** Raw ed25519, base64. */
  signingKey: string;
  spokeId: string;
  fleet: string;
}

/**
 * The header, proven: signed by the pinned key, for this spoke of this fleet, and newer than what is held.
 * @throws UntrustedContentError naming the check that failed
 */
export function verifyHeader(signed: SignedHeader, trust: Trust, held: Position | undefined): DesiredHeader {
  const { header, signature } = signedHeaderSchema.parse(signed);
  const refuse = (cause: string): never => {
    throw new UntrustedContentError(`document ${header.epoch}/${header.generation}: ${cause}`, {
      epoch: header.epoch,
      generation: header.generation,
    });
  };
  if (!verifySignature(trust.signingKey, canonicalJson(header), signature)) refuse('its signature is not by the pinned key of the hub');
  if (header.spoke !== trust.spokeId || header.fleet !== trust.fleet) refuse('it was signed for another spoke');
  if (!isNewer(header, held)) refuse(`it is not newer than the one held (${held?.epoch}/${held?.generation})`);
  return header;
}

/** The body, proven by the digest in the header. @throws UntrustedContentError */
export function verifyBody(header: DesiredHeader, body: string): DesiredBody {
  if (digestBytes(body) !== header.bodyDigest) {
    throw new UntrustedContentError(`document ${header.epoch}/${header.generation}: its body has another digest`);
  }
  try {
    return desiredBodySchema.parse(JSON.parse(body));
  } catch (error) {
    throw new UntrustedContentError(
      `document ${header.epoch}/${header.generation}: its body is unreadable: ${messageOf(error).slice(0, 300)}`,
    );
  }
}
