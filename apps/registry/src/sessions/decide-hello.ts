import type { Refusal } from '@flotilla/contracts';
import type { Session, Spoke } from '../spokes/spoke.js';
import type { Claim } from './check-claim.js';

/** So many returns of a superseded instance within the window are two agents with one identity. */
export const MAX_RETURNS = 3;
export const RETURN_WINDOW_MS = 10 * 60_000;

export interface HelloFacts {
  spoke: Spoke | undefined;
  instanceId: string;
  attempt?: number | undefined;
  clusterUid: string;
  /** Sessions remembered of this spoke, newest first. */
  sessions: readonly Session[];
  /** Whether the present session's instance was heard within its lease. */
  isPresentBeating: boolean;
  claim: Claim;
  now: number;
}

export type HelloDecision =
  | { refuse: Refusal }
  | { quarantine: string }
  /** `isReturn`: an instance that was superseded takes over again while the one that superseded it lives. */
  | { admit: { isReturn: boolean } };

export function decideHello(facts: HelloFacts): HelloDecision {
  const { spoke, instanceId, attempt, clusterUid, sessions, isPresentBeating, claim, now } = facts;
  const refused = standing(spoke);
  if (refused || !spoke) return { refuse: refused ?? { code: 'unknown-spoke', message: 'no such spoke' } };
  if (spoke.instanceId === instanceId && (attempt ?? Number.POSITIVE_INFINITY) <= (spoke.helloAttempt ?? 0)) {
    // It gave up on this hello and has a session from the next one: another would end that and the agent with it.
    return { refuse: { code: 'unavailable', message: 'a later hello of this agent is answered already' } };
  }
  if (spoke.clusterUid !== undefined && spoke.clusterUid !== clusterUid) {
    return { quarantine: `its cluster uid changed from ${spoke.clusterUid} to ${clusterUid}: another cluster uses its identity` };
  }
  if (claim === 'unproven') {
    return { quarantine: 'it claims to hold a document newer than ours that our key did not sign for it' };
  }
  const wasSuperseded = spoke.instanceId !== instanceId && sessions.some((session) => session.instanceId === instanceId);
  const isReturn = wasSuperseded && isPresentBeating;
  const returns = sessions.filter((session) => session.isReturn && session.startedAt > now - RETURN_WINDOW_MS).length;
  if (isReturn && returns + 1 >= MAX_RETURNS) {
    return {
      quarantine: `two agents with its identity supersede each other: ${MAX_RETURNS} times within ${RETURN_WINDOW_MS / 60_000} minutes`,
    };
  }
  return { admit: { isReturn } };
}

function standing(spoke: Spoke | undefined): Refusal | undefined {
  if (!spoke) return { code: 'unknown-spoke', message: 'this hub does not know the spoke; enrol again with a new token' };
  if (spoke.revokedAt !== undefined) return { code: 'revoked', message: `the agent of cluster ${spoke.cluster} was revoked` };
  if (spoke.quarantine !== undefined) {
    return {
      code: 'quarantined',
      message: `cluster ${spoke.cluster} is quarantined: ${spoke.quarantine}; a person has to accept it again`,
    };
  }
  return spoke.accepted ? undefined : { code: 'pending', message: `cluster ${spoke.cluster} waits to be accepted` };
}
