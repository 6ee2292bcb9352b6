import { ForbiddenError, isSpokeId, NotFoundError } from '@flotilla/kernel';
import { verifyNkey } from '@flotilla/keyring';
import type { SqlRunner } from '@flotilla/persistence';
import { RevokedError } from '../registry.errors.js';
import { PgSpokeStore } from '../spokes/spoke.store.pg.js';
import type { SpokeCredentials } from '../spokes/spoke-credentials.js';

export interface RenewRequest {
  spokeId: string;
  issuedAt: number;
  signature: string;
}

/**
 * A fresh credential for whoever holds the spoke's key, however long the last one is over. `issuedAt` is not compared
 * with any clock: a replayed request only yields a JWT that is worth nothing without the key.
 */
export async function renewCredential(
  sql: SqlRunner,
  credentials: SpokeCredentials,
  { spokeId, issuedAt, signature }: RenewRequest,
): Promise<{ userJwt: string; natsUrls: string[] }> {
  const spoke = isSpokeId(spokeId) ? await new PgSpokeStore(sql).get(spokeId) : undefined;
  if (!spoke) throw new NotFoundError('no such spoke; enrol again with a new token');
  if (!verifyNkey(spoke.publicNkey, `${spokeId}.${issuedAt}`, Buffer.from(signature, 'base64'))) {
    throw new ForbiddenError("the signature is not of this spoke's key");
  }
  if (spoke.revokedAt !== undefined)
    throw new RevokedError(`the agent of cluster ${spoke.cluster} was revoked; enrol again with a new token`);
  return { userJwt: credentials.jwt(spoke), natsUrls: credentials.natsUrls };
}
