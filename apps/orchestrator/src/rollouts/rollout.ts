import type { RolloutPhase } from '@flotilla/contracts';
import { ConflictError, InvalidInputError } from '@flotilla/kernel';
import type { StageRules } from './compile-policy.js';

/**
 * Where one target stands in a run. `unchanged` had the release's content before the run, or has no member left;
 * `parked` is offline and outside the run's arithmetic.
 */
export type TargetState = 'waiting' | 'updating' | 'healthy' | 'failed' | 'parked' | 'unchanged' | 'rollingBack' | 'rolledBack';

/** What a stage is made of, and a run moves and watches as one: a cluster with all its members, or one application. */
export interface TargetUnit {
  cluster: string;
  application?: { uid: string; name: string };
}

export const keyOf = ({ cluster, application }: TargetUnit): string => application?.uid ?? cluster;
export const nameOf = ({ cluster, application }: TargetUnit): string => application?.name ?? cluster;

export interface Target extends TargetUnit {
  stageIndex: number;
  position: number;
  state: TargetState;
  /** The run has pointed the cluster at its release and has not pointed it back. */
  wasAssigned: boolean;
  /** Its agent has spoken of what the run assigned; kept for applications only. */
  hasBegun?: boolean;
  /** Milliseconds: when `state` began. */
  since: number;
  reason: string;
}

export type RunStage = StageRules & { name: string };

export interface Run {
  /** What its targets are. */
  per: 'cluster' | 'application';
  phase: RolloutPhase;
  /** What `resume` goes back to. */
  resumePhase?: RolloutPhase;
  /** A run that its own failures paused gives way to a newer release at once; one that a person paused does not. */
  pausedBy?: 'failure' | 'person';
  stageIndex: number;
  stages: readonly RunStage[];
  /** When the last target of the current stage finished. */
  settledAt?: number;
  /** Names of approved stages. */
  approved: readonly string[];
  targets: readonly Target[];
  /** A newer release waits for this run to give way. */
  hasSuccessor: boolean;
  /** There is a release to roll back to. */
  hasPrevious: boolean;
}

const TRANSITIONS: Readonly<Record<RolloutPhase, readonly RolloutPhase[]>> = {
  Pending: ['Progressing', 'WaitingForApproval', 'Paused', 'Completed', 'Aborted', 'Superseded'],
  Progressing: ['Soaking', 'WaitingForApproval', 'Paused', 'RollingBack', 'Completed', 'Failed', 'Aborted', 'Superseded'],
  Soaking: ['Progressing', 'WaitingForApproval', 'Paused', 'RollingBack', 'Completed', 'Failed', 'Aborted', 'Superseded'],
  WaitingForApproval: ['Progressing', 'Completed', 'Paused', 'RollingBack', 'Aborted', 'Superseded'],
  Paused: ['Pending', 'Progressing', 'Soaking', 'WaitingForApproval', 'RollingBack', 'Aborted', 'Superseded'],
  RollingBack: ['RolledBack'],
  Completed: ['RollingBack'],
  Aborted: ['RollingBack'],
  Failed: [],
  RolledBack: [],
  Superseded: [],
};

/** Phases in which a run holds its unit: no other run of the unit starts. */
export const ACTIVE_PHASES: readonly RolloutPhase[] = ['Pending', 'Progressing', 'Soaking', 'WaitingForApproval', 'Paused', 'RollingBack'];

export const isActive = (phase: RolloutPhase): boolean => ACTIVE_PHASES.includes(phase);

export function mayBecome(from: RolloutPhase, to: RolloutPhase): boolean {
  return from === to || TRANSITIONS[from].includes(to);
}

/** @throws ConflictError naming both phases and what is possible */
export function assertTransition(from: RolloutPhase, to: RolloutPhase, what: string): void {
  if (mayBecome(from, to)) return;
  const possible = TRANSITIONS[from];
  throw new ConflictError(
    `${what}: a rollout in phase ${from} cannot become ${to}; ${possible.length > 0 ? `possible: ${possible.join(', ')}` : 'it is over'}`,
    {
      from,
      to,
    },
  );
}

/** Checked when the service starts: every phase but the end ones leads on, and every target of a transition is itself in the table. */
export function validateTransitions(table: Readonly<Record<string, readonly string[]>> = TRANSITIONS): void {
  for (const [from, targets] of Object.entries(table)) {
    for (const to of targets) {
      if (!(to in table)) throw new InvalidInputError(`rollout transition ${from} -> ${to} leads to an unknown phase`);
      if (to === from) throw new InvalidInputError(`rollout transition ${from} -> ${to} leads nowhere`);
    }
  }
  const reached = new Set(['Pending']);
  for (const phase of reached) for (const to of table[phase] ?? []) reached.add(to);
  const orphans = Object.keys(table).filter((phase) => !reached.has(phase));
  if (orphans.length > 0) throw new InvalidInputError(`rollout phases ${orphans.join(', ')} cannot be reached from Pending`);
}
