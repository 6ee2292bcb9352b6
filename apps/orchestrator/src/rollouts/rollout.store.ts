import type { ApplicationSpec, RolloutPhase, RolloutPlan } from '@flotilla/contracts';
import type { SqlRunner } from '@flotilla/persistence';
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
  /** What the document was last made to say of `spec.paused`; another value in it is a person's edit. */
  isPausedShown: boolean;
}

export type NewTarget = Pick<Target, 'cluster' | 'application' | 'stageIndex' | 'position' | 'state' | 'reason'>;

export interface NewRollout {
  unit: string;
  release: string;
  previous?: string;
  policy: string;
  per: Run['per'];
  stages: readonly RunStage[];
  targets: readonly NewTarget[];
  plan: RolloutPlan;
  warning?: string;
}

/** An application of a release, and where it stands in a run of applications; without a target no stage selects it. */
export interface StepRow {
  name: string;
  spec: ApplicationSpec;
  target?: Pick<Target, 'stageIndex' | 'state' | 'reason' | 'hasBegun' | 'since'>;
  /** Milliseconds: when the run was created. */
  since: number;
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
  /** The value of an edited `spec.paused` that this answers. */
  pausedEdit?: boolean;
}

export type Decide = (row: RolloutRow, observations: Observations) => Act;

export abstract class RolloutStore {
  /** Undefined when the unit has a run already: one at a time. */
  abstract create(rollout: NewRollout, now: number): Promise<string | undefined>;
  /**
   * Uids of members of the release that are assigned by a run that did not complete and has not seen them healthy: to have this
   * content already is no proof that it works.
   */
  abstract unproven(release: string): Promise<Set<string>>;
  abstract active(unit: string): Promise<RolloutRow | undefined>;
  /** The newest run of a release. */
  abstract ofRelease(release: string): Promise<RolloutRow | undefined>;
  /** The id of the unit's newest run. */
  abstract newest(unit: string): Promise<string | undefined>;
  abstract get(rollout: string): Promise<RolloutRow | undefined>;
  /** The little of a run that tells whether its document was edited. */
  abstract shown(rollout: string): Promise<Pick<RolloutRow, 'release' | 'policy' | 'isPausedShown'> | undefined>;
  /** At most `limit`: what is not healthy first, then what no stage selects. */
  abstract steps(rollout: string, limit: number): Promise<StepRow[]>;
  abstract ledger(rollout: string, limit: number): Promise<LedgerRow[]>;
  /** The newest line of the ledger that led the run into one of these phases. */
  abstract turn(rollout: string, phases: readonly RolloutPhase[]): Promise<LedgerRow | undefined>;
  /**
   * One transaction over the locked run: reads it and what its clusters report, decides, writes targets, assignments, ledger and
   * release state. Undefined when the run does not exist.
   */
  abstract decide(rollout: string, actor: string, now: number, decide: Decide): Promise<RolloutRow | undefined>;
  /** The run has another look. */
  abstract touch(rollout: string, now: number): Promise<void>;
  /** The document is written again. */
  abstract summarise(rollout: string, now: number): Promise<void>;
  /**
   * Joins the caller's transaction, which writes the document: what it shall say of `spec.paused`. An edit nobody has answered yet
   * stays in it. Undefined when the run is no longer kept.
   */
  abstract showPaused(sql: SqlRunner, rollout: string, paused: { inDocument?: boolean; ofRun: boolean }): Promise<boolean | undefined>;
  /** Adds targets, or sends clusters that got another member back to waiting. */
  abstract join(rollout: string, targets: readonly Pick<NewTarget, 'cluster' | 'application' | 'stageIndex'>[], now: number): Promise<void>;
}
