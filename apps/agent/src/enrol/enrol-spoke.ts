import { type EnrolRequest, enrolReplySchema, renewReplySchema } from '@flotilla/contracts';
import { ForbiddenError, isObject } from '@flotilla/kernel';
import { nkeyFromSeed } from '@flotilla/keyring';
import type { Identity } from '../state/agent-state.js';
import { fetchPinnedCa, postToHub } from './hub.https.js';
import { parseJoinToken } from './join-token.js';
import { newSpokeKeys, type SpokeKeys } from './spoke-keys.js';

const ENROL_PATH = '/v1/spokes/enroll';
const RENEW_PATH = '/v1/spokes/renew';

/**
 * Hands public keys in under a join token and gets this spoke's identity back. Asked again with the same keys, the hub answers
 * the same, so whoever may lose an answer keeps them.
 * @throws ForbiddenError with the hub's reason, InvalidInputError for a token or hub that is not what it says
 */
export async function enrolSpoke(joinToken: string, clusterUid: string, keys: SpokeKeys = newSpokeKeys()): Promise<Identity> {
  const join = parseJoinToken(joinToken);
  const hubCa = await fetchPinnedCa(join.hub, join.ca);
  const { nkeySeed, sealing } = keys;
  const body: EnrolRequest = { token: join.token, publicNkey: nkeyFromSeed(nkeySeed).publicKey, sealingKey: sealing.publicKey, clusterUid };
  const answer = await postToHub(join.hub, ENROL_PATH, body, hubCa);
  const reply = enrolReplySchema.safeParse(answer);
  if (!reply.success) throw new ForbiddenError(`the hub refused the join token${reasonIn(answer)}`);
  if ('error' in reply.data)
    throw new ForbiddenError(`the hub refused the join token: ${reply.data.error.message}`, { code: reply.data.error.code });
  const { spokeId, cluster, fleet, natsUrls, natsCa, userJwt, signingKey } = reply.data;
  if (signingKey !== join.key) throw new ForbiddenError('the hub signs with another key than the join token names');
  return {
    spokeId,
    cluster,
    fleet,
    hubCa,
    hubUrl: join.hub,
    natsUrls,
    natsCa,
    userJwt,
    nkeySeed,
    sealingPrivateKey: sealing.privateKey,
    signingKey,
  };
}

/** A fresh credential for the same keys, also after the old one expired. @throws ForbiddenError once revoked, UnavailableError */
export async function renewIdentity(identity: Identity, now: number): Promise<Identity> {
  const signature = nkeyFromSeed(identity.nkeySeed).sign(`${identity.spokeId}.${now}`).toString('base64');
  const body = { spokeId: identity.spokeId, issuedAt: now, signature };
  const answer = await postToHub(identity.hubUrl, RENEW_PATH, body, identity.hubCa);
  const reply = renewReplySchema.safeParse(answer);
  if (!reply.success) throw new ForbiddenError(`the hub does not renew this credential${reasonIn(answer)}`);
  if ('error' in reply.data)
    throw new ForbiddenError(`the hub does not renew this credential: ${reply.data.error.message}`, { code: reply.data.error.code });
  return { ...identity, userJwt: reply.data.userJwt, natsUrls: reply.data.natsUrls };
}

/** The text of an error answer that has another shape than the reply. */
function reasonIn(answer: unknown): string {
  return isObject(answer) && typeof answer.message === 'string' ? `: ${answer.message.slice(0, 300)}` : '';
}

/** When a user JWT expires, in milliseconds since the epoch; undefined when it never does. */
export function expiryOf(userJwt: string): number | undefined {
  const claims = JSON.parse(Buffer.from(userJwt.split('.')[1] ?? '', 'base64url').toString('utf8') || '{}') as unknown;
  return isObject(claims) && typeof claims.exp === 'number' ? claims.exp * 1000 : undefined;
}
