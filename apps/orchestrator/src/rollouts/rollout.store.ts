import type { RolloutPlan } from '@flotilla/contracts';
import type { Decision } from './decision.js';
import type { Observations } from './observation.js';
import type { Run, RunStage, Target } from './rollout.js';

export interface RolloutRow {
  /** `namespace/name` of its FleetRollout. */
  rollout: string;
  unit: string;
  namespace: string;
  name: string;
  release: string;
  previous?: string;
  policy: string;
  message: string;
  since: number;
  plan?: RolloutPlan;
  warning?: string;
  run: Run;
}

export interface NewRollout {
  unit: string;
  release: string;
  previous?: string;
  policy: string;
  stages: readonly RunStage[];
  targets: readonly Pick<Target, 'cluster' | 'stageIndex' | 'position' | 'state' | 'reason'>[];
  plan: RolloutPlan;
  warning?: string;
}

export interface LedgerRow {
  n: number;
  at: number;
  actor: string;
  subject: string;
  from: string;
  to: string;
  reason: string;
}

/** What a person's verb adds to a decision. */
export interface Act extends Decision {
  approved?: readonly string[];
  /** Release to go back to instead of the run's previous one. */
  previous?: string;
}

export type Decide = (row: RolloutRow, observations: Observations) => Act;

export abstract class RolloutStore {
  /** Undefined when the unit has a run already: one at a time. */
  abstract create(rollout: NewRollout, now: number): Promise<string | undefined>;
  abstract active(unit: string): Promise<RolloutRow | undefined>;
  /** The newest run of a release. */
  abstract ofRelease(release: string): Promise<RolloutRow | undefined>;
  abstract get(rollout: string): Promise<RolloutRow | undefined>;
  abstract ledger(rollout: string, limit: number): Promise<LedgerRow[]>;
  /**
   * One transaction over the locked run: reads it and what its clusters report, decides, writes targets, assignments, ledger and
   * release state. Undefined when the run does not exist.
   */
  abstract decide(rollout: string, actor: string, now: number, decide: Decide): Promise<RolloutRow | undefined>;
  /** The run has another look. */
  abstract touch(rollout: string, now: number): Promise<void>;
  /** Adds clusters, or sends ones that got another member back to waiting. */
  abstract join(rollout: string, targets: readonly { cluster: string; stageIndex: number }[], now: number): Promise<void>;
}
