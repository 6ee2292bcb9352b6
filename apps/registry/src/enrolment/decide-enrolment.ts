import type { Cluster, EnrolmentToken } from '@flotilla/contracts';

export interface EnrolmentFacts {
  token: EnrolmentToken | undefined;
  /** The cluster of that name, if there is one. */
  cluster: Cluster | undefined;
  name: string;
  now: number;
}

export type EnrolmentDecision = { refuse: 'token' } | { refuse: 'taken' } | { refuse: 'name' } | { admit: { accepted: boolean } };

export const usesOf = (token: EnrolmentToken): number => token.spec.uses ?? 1;
export const usedOf = (token: EnrolmentToken): number => token.status?.used ?? 0;
export const isExpired = (token: EnrolmentToken, now: number): boolean => !(Date.parse(token.spec.expiresAt) > now);

/** Whether an agent with this token becomes this cluster's. A token for one agent accepts it; one for many waits for a person. */
export function decideEnrolment({ token, cluster, name, now }: EnrolmentFacts): EnrolmentDecision {
  if (!token || isExpired(token, now) || usedOf(token) >= usesOf(token) || token.metadata.deletionTimestamp) return { refuse: 'token' };
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) return { refuse: 'name' };
  if (cluster?.metadata.deletionTimestamp) return { refuse: 'taken' };
  if (cluster?.spec.spokeId !== undefined && !cluster.spec.revoked) return { refuse: 'taken' };
  return { admit: { accepted: token.spec.autoAccept ?? usesOf(token) === 1 } };
}
