import type { RolloutPhase } from '@flotilla/contracts';
import type { Run, Target } from './rollout.js';

export interface LedgerLine {
  /** A cluster, a stage (`stage NAME`) or `rollout`. */
  subject: string;
  from: string;
  to: string;
  reason: string;
}

/** What one look at a run comes to; carried out in one transaction. */
export interface Decision {
  phase: RolloutPhase;
  resumePhase?: RolloutPhase;
  pausedBy?: Run['pausedBy'];
  stageIndex: number;
  settledAt?: number;
  message: string;
  /** Targets whose state or assignment changed, in their new form. */
  targets: Target[];
  /** Clusters to point at the run's release. */
  assign: string[];
  /** Clusters to point back at the previous release. */
  rollBack: string[];
  ledger: LedgerLine[];
  /** Absolute milliseconds at which time alone changes the answer. */
  againAt?: number;
}
