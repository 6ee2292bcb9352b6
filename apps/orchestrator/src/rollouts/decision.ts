import type { RolloutPhase } from '@flotilla/contracts';
import type { Run, Target } from './rollout.js';

export interface LedgerLine {
  /** A target, a stage (`stage NAME`) or `rollout`. */
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
  /** Keys of targets to point at the run's release. */
  assign: string[];
  /** Keys of targets to point back at the previous release. */
  rollBack: string[];
  ledger: LedgerLine[];
  /** Absolute milliseconds at which time alone changes the answer. */
  againAt?: number;
}
