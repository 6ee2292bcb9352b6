import type { SpokeId } from '@flotilla/kernel';

/** An enrolled agent as the registry knows it. Times are milliseconds since the epoch. */
export interface Spoke {
  spokeId: SpokeId;
  cluster: string;
  publicNkey: string;
  /** Raw X25519 public key, base64. */
  sealingKey: string;
  tokenName: string;
  accepted: boolean;
  enrolledAt: number;
  revokedAt?: number;
  /** Why it is quarantined. */
  quarantine?: string;
  /** Pinned at the first hello. */
  clusterUid?: string;
  session?: number;
  instanceId?: string;
  /** Which hello of the instance began the session. */
  helloAttempt?: number;
}

/** A session as it is remembered for a while. */
export interface Session {
  session: number;
  instanceId: string;
  startedAt: number;
  isReturn: boolean;
}
