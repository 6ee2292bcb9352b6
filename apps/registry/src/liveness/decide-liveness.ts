import type { ClusterPhase } from '../clusters/cluster-status.js';

export interface LivenessFacts {
  /** As the cluster's status says now; undefined before anything was written. */
  phase: ClusterPhase | undefined;
  hasSpoke: boolean;
  accepted: boolean;
  revoked: boolean;
  /** When the present session was last heard by this process. */
  lastHeardAt: number | undefined;
  /** `status.lastSeenAt`: the last hello or the last verdict. */
  lastRecordedAt: number | undefined;
  /** Since when this process listens: before a lease is over its silence proves nothing. */
  listeningSince: number;
  leaseMs: number;
  now: number;
}

/** What the status shall become, and since when; undefined: it stays as it is. */
export type LivenessVerdict = { phase: 'Connected' | 'Unknown' | 'Pending' | 'Revoked'; since: number } | undefined;

/** Whether a cluster is Connected or Unknown since when. Silence shorter than a lease changes nothing. */
export function decideLiveness(facts: LivenessFacts): LivenessVerdict {
  const { phase, hasSpoke, accepted, revoked, lastHeardAt, lastRecordedAt, listeningSince, leaseMs, now } = facts;
  const turn = (to: NonNullable<LivenessVerdict>['phase'], since: number): LivenessVerdict =>
    phase === to ? undefined : { phase: to, since };
  if (!hasSpoke) return turn('Unknown', now);
  if (revoked) return turn('Revoked', now);
  // Only a person ends a quarantine.
  if (phase === 'Quarantined') return undefined;
  if (!accepted) return turn('Pending', now);
  if (lastHeardAt !== undefined && lastHeardAt > now - leaseMs) return turn('Connected', now);
  if (phase === undefined || phase === 'Pending' || phase === 'Revoked') return { phase: 'Unknown', since: now };
  if (now - listeningSince < leaseMs) return undefined;
  // It was Connected when somebody last judged; this process has not heard it since it listens.
  return turn('Unknown', lastHeardAt ?? Math.max(lastRecordedAt ?? 0, listeningSince));
}
