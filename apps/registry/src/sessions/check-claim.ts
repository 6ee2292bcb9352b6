import { isNewer, type Position, type SignedHeader } from '@flotilla/contracts';
import { canonicalJson } from '@flotilla/kernel';
import { verifySignature } from '@flotilla/keyring';

/**
 * What the document a spoke says it holds means to the hub. `current`: not newer than ours, the ordinary case.
 * `proven`: newer than ours and signed by our own key for this spoke: the hub was restored from an older copy.
 * `unproven`: newer than ours without such a proof.
 */
export type Claim = 'current' | 'proven' | 'unproven';

export interface ClaimFacts {
  held: SignedHeader | undefined;
  /** Where the hub's own document of the cluster stands; undefined when that cannot be known now. */
  current: Partial<Position> | undefined;
  spokeId: string;
  fleet: string;
  signingKey: string;
}

export function checkClaim({ held, current, spokeId, fleet, signingKey }: ClaimFacts): Claim {
  if (!held || !current) return 'current';
  const ours = { epoch: current.epoch ?? 0, generation: current.generation ?? 0 };
  if (!isNewer(held.header, ours)) return 'current';
  const isOurs =
    held.header.spoke === spokeId && held.header.fleet === fleet && verifySignature(signingKey, canonicalJson(held.header), held.signature);
  return isOurs ? 'proven' : 'unproven';
}
