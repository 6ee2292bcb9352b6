import type { EnrolmentToken, ListTokensReply } from '@flotilla/contracts';
import type { Clock } from '@flotilla/kernel';
import type { ResourceStore } from '@flotilla/resources';
import { isExpired, usedOf, usesOf } from './decide-enrolment.js';

const MAX_TOKENS = 1_000;

/** The newest names first come as the store lists them; never a digest. */
export async function listTokens(store: ResourceStore, clock: Clock): Promise<ListTokensReply> {
  const { items } = await store.list<EnrolmentToken>('EnrolmentToken', { limit: MAX_TOKENS });
  return {
    tokens: items.map((token) => ({
      name: token.metadata.name,
      cluster: token.spec.clusterName,
      project: token.spec.project,
      uses: usesOf(token),
      used: usedOf(token),
      expiresAt: token.spec.expiresAt,
      isExpired: isExpired(token, clock.now()),
    })),
  };
}
