import type { RolloutPhase } from '@flotilla/contracts';
import type { Decision, LedgerLine } from './decision.js';
import { assertTransition, keyOf, nameOf, type Run, type RunStage, type Target, type TargetState } from './rollout.js';

/** A run while it is being decided on: takes changes, keeps the ledger of them. */
export class Draft {
  readonly run: Run;
  readonly now: number;
  stageIndex: number;
  #targets: Map<string, Target>;
  #changed = new Set<string>();
  #assign: string[] = [];
  #rollBack: string[] = [];
  #ledger: LedgerLine[] = [];
  #phase: RolloutPhase;
  #pausedBy: Run['pausedBy'];
  #settledAt: number | undefined;
  #againAt: number | undefined;
  #isStageStarted: boolean;
  #message = '';

  constructor(run: Run, now: number) {
    this.run = run;
    this.now = now;
    this.stageIndex = run.stageIndex;
    this.#phase = run.phase;
    this.#pausedBy = run.pausedBy;
    this.#settledAt = run.settledAt;
    this.#isStageStarted = run.phase === 'Progressing' || run.phase === 'Soaking';
    const ordered = [...run.targets].sort((a, b) => a.stageIndex - b.stageIndex || a.position - b.position);
    this.#targets = new Map(ordered.map((target) => [keyOf(target), target]));
  }

  /** In the order they are updated. */
  get targets(): readonly Target[] {
    return [...this.#targets.values()];
  }

  stage(): RunStage | undefined {
    return this.run.stages[this.stageIndex];
  }

  targetsOf(stageIndex: number): Target[] {
    return this.targets.filter((target) => target.stageIndex === stageIndex);
  }

  upTo(stageIndex: number): Target[] {
    return this.targets.filter((target) => target.stageIndex <= stageIndex);
  }

  /** Targets that are changing, as far as anybody can know: offline ones count. */
  inFlight(): number {
    return this.targets.filter(({ state }) => state === 'updating' || state === 'rollingBack').length;
  }

  isStageStarted(): boolean {
    return this.#isStageStarted;
  }

  move(target: Target, state: TargetState, reason: string, wasAssigned = target.wasAssigned): void {
    this.#ledger.push({ subject: nameOf(target), from: target.state, to: state, reason });
    this.#put({ ...target, state, reason, wasAssigned, since: this.now, ...(target.application ? { hasBegun: false } : {}) });
  }

  /** News of a target that stays in its state: no line of the ledger. */
  remark(target: Target, reason: string): void {
    if (target.hasBegun !== true || target.reason !== reason) this.#put({ ...target, reason, hasBegun: true });
  }

  #put(target: Target): void {
    this.#targets.set(keyOf(target), target);
    this.#changed.add(keyOf(target));
  }

  assign(target: Target): void {
    this.move(target, 'updating', `assigned in stage ${this.run.stages[target.stageIndex]!.name}`, true);
    this.#assign.push(keyOf(target));
    this.lookAgainAt(this.now + this.run.stages[target.stageIndex]!.timeoutMs);
  }

  note(subject: string, from: string, to: string, reason: string): void {
    this.#ledger.push({ subject, from, to, reason });
  }

  pointBack(target: Target, isOffline: boolean): void {
    if (isOffline) this.move(target, 'parked', 'offline; it gets the previous release when it is back', false);
    else this.move(target, 'rollingBack', 'pointed back at the previous release', false);
    this.#rollBack.push(keyOf(target));
    if (!isOffline) this.lookAgainAt(this.now + this.run.stages[target.stageIndex]!.timeoutMs);
  }

  become(phase: RolloutPhase, message: string): void {
    this.#message = message;
    if (phase === this.#phase) return;
    assertTransition(this.#phase, phase, 'rollout');
    this.#ledger.push({ subject: 'rollout', from: this.#phase, to: phase, reason: message });
    this.#phase = phase;
  }

  pause(by: 'failure' | 'person', message: string): void {
    this.#pausedBy = by;
    this.become('Paused', message);
  }

  startStage(reason: string): void {
    this.#isStageStarted = true;
    this.#ledger.push({ subject: `stage ${this.stage()!.name}`, from: 'waiting', to: 'started', reason });
    this.become('Progressing', `stage ${this.stage()!.name} started`);
  }

  finishStage(reason: string): void {
    this.#ledger.push({ subject: `stage ${this.stage()!.name}`, from: 'started', to: 'done', reason });
  }

  nextStage(): void {
    this.stageIndex++;
    this.#isStageStarted = false;
    this.#settledAt = undefined;
  }

  /** When the stage's last target finished: now, unless that was known before. */
  settle(): number {
    this.#settledAt ??= this.now;
    return this.#settledAt;
  }

  unsettle(): void {
    this.#settledAt = undefined;
  }

  lookAgainAt(ms: number): void {
    this.#againAt = Math.min(this.#againAt ?? ms, ms);
  }

  decision(): Decision {
    return {
      phase: this.#phase,
      resumePhase: this.#phase === 'Paused' ? (this.run.resumePhase ?? 'Progressing') : undefined,
      pausedBy: this.#phase === 'Paused' ? this.#pausedBy : undefined,
      stageIndex: Math.min(this.stageIndex, Math.max(this.run.stages.length - 1, 0)),
      settledAt: this.#settledAt,
      message: this.#message,
      targets: [...this.#changed].map((key) => this.#targets.get(key)!),
      assign: this.#assign,
      rollBack: this.#rollBack,
      ledger: this.#ledger,
      againAt: this.#againAt,
    };
  }
}
