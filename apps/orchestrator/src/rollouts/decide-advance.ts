import { formatDuration } from '@flotilla/kernel';
import { resolveBudget } from './compile-policy.js';
import type { Decision } from './decision.js';
import { Draft } from './draft.js';
import type { Observations } from './observation.js';
import { observeTargets } from './observe-targets.js';
import { nameSome } from './plan-stages.js';
import { keyOf, nameOf, type Run, type RunStage, type Target, type TargetState } from './rollout.js';

/** Reports of what a run did not assign do not wake it. */
const HEALTH_CHECK_MS = 10_000;

/** Pure: what a run does next, given what its clusters report and the time. Total: every input has an answer. */
export function decideAdvance(run: Run, observations: Observations, now: number): Decision {
  const draft = new Draft(run, now);
  observeTargets(draft, observations);
  switch (run.phase) {
    case 'RollingBack':
      continueRollback(draft, observations);
      break;
    case 'Paused':
      if (run.pausedBy === 'failure' && run.hasSuccessor) draft.become('Superseded', 'a newer release takes over from the failed one');
      break;
    case 'Completed':
      takeInLateArrivals(draft, observations);
      break;
    case 'Pending':
    case 'Progressing':
    case 'Soaking':
    case 'WaitingForApproval':
      advance(draft, observations);
      break;
    default:
      break;
  }
  return draft.decision();
}

function advance(draft: Draft, observations: Observations): void {
  for (;;) {
    const stage = draft.stage();
    if (!stage) {
      draft.become('Completed', 'every stage is done');
      return;
    }
    if (!draft.isStageStarted() && !startStage(draft, stage)) return;
    if (stage.onFailure === 'wait' && draft.run.hasSuccessor) {
      draft.become('Superseded', 'a newer release takes over at once and begins with the first step');
      return;
    }
    if (!workOnStage(draft, stage, observations)) return;
    draft.nextStage();
  }
}

/** Whether the stage may run; a stage in which nothing changes needs nobody's approval. */
function startStage(draft: Draft, stage: RunStage): boolean {
  if (draft.run.hasSuccessor) {
    draft.become('Superseded', 'a newer release takes over at the stage boundary');
    return false;
  }
  const isIdle = draft.targetsOf(draft.stageIndex).every(({ state }) => state === 'unchanged');
  if (stage.approval && !isIdle && !draft.run.approved.includes(stage.name)) {
    draft.become('WaitingForApproval', `stage ${stage.name} waits for approval`);
    return false;
  }
  draft.startStage(isIdle ? 'nothing changes on its clusters' : stage.approval ? 'approved' : 'its turn');
  return true;
}

/** Whether the stage is over and the next one may come. */
function workOnStage(draft: Draft, stage: RunStage, observations: Observations): boolean {
  setOfflineApart(draft, observations);
  if (stopsOnFailures(draft, stage, observations)) return false;
  assignWaiting(draft, stage, observations);
  const targets = draft.targetsOf(draft.stageIndex);
  const open = draft.upTo(draft.stageIndex).filter(({ state }) => state === 'waiting' || state === 'updating');
  if (draft.run.hasSuccessor && isStuck(targets, open, observations)) {
    draft.become('Superseded', 'a newer release takes over: every cluster this stage waits for is offline');
    return false;
  }
  if (open.length > 0) {
    draft.unsettle();
    draft.become('Progressing', `stage ${stage.name}: ${summary(targets)}${blockedBy(stage, targets)}`);
    return false;
  }
  if (stage.onFailure === 'wait' && waitsForHealth(draft, stage, targets, observations)) return false;
  const touched = targets.filter(({ state }) => state !== 'unchanged');
  if (touched.length > 0 && touched.every(({ state }) => state === 'parked')) {
    draft.become('Progressing', `stage ${stage.name} waits: all of its clusters are offline (${nameSome(touched.map(nameOf))})`);
    return false;
  }
  const soakEnd = draft.settle() + (touched.length > 0 ? stage.soakMs : 0);
  if (draft.now < soakEnd) {
    draft.lookAgainAt(soakEnd);
    draft.become('Soaking', `stage ${stage.name} soaks for ${formatDuration(stage.soakMs)}`);
    return false;
  }
  draft.finishStage(summary(targets));
  return true;
}

/** A target that had succeeded, or had nothing to do, may not be healthy any more when the rest of its stage is. */
function waitsForHealth(draft: Draft, stage: RunStage, targets: readonly Target[], observations: Observations): boolean {
  const ailing = targets.filter((target) => observations(keyOf(target)).isHealthy === false);
  if (ailing.length === 0) return false;
  draft.lookAgainAt(draft.now + HEALTH_CHECK_MS);
  draft.become('Progressing', `stage ${stage.name} waits until healthy: ${nameSome(ailing.map(nameOf))}`);
  return true;
}

const blockedBy = ({ maxConcurrent }: RunStage, targets: readonly Target[]): string =>
  targets.length > 0 && resolveBudget(maxConcurrent, targets.length) === 0 ? '; maxUpdate 0 blocks it' : '';

/** Nothing changes now, and nothing can until an offline cluster comes back. */
function isStuck(targets: readonly Target[], open: readonly Target[], observations: Observations): boolean {
  if (open.length > 0) return open.every((target) => target.state === 'waiting' && !observations(keyOf(target)).isConnected);
  const touched = targets.filter(({ state }) => state !== 'unchanged');
  return touched.length > 0 && touched.every(({ state }) => state === 'parked');
}

/** An offline cluster never holds a slot it has not been given, and never counts as healthy. */
function setOfflineApart(draft: Draft, observations: Observations): void {
  for (const target of draft.upTo(draft.stageIndex)) {
    if (target.state !== 'waiting' || observations(keyOf(target)).isConnected) continue;
    const { offline } = draft.run.stages[target.stageIndex]!;
    if (offline === 'park') draft.move(target, 'parked', 'offline; it gets the release when it is back');
    if (offline === 'fail') draft.move(target, 'failed', 'offline, and the policy counts that as a failure');
  }
}

function stopsOnFailures(draft: Draft, stage: RunStage, observations: Observations): boolean {
  const targets = draft.targetsOf(draft.stageIndex);
  const failed = targets.filter(({ state }) => state === 'failed');
  const allowed = resolveBudget(stage.maxFailures, targets.filter(({ state }) => state !== 'parked').length);
  if (failed.length <= allowed || stage.onFailure === 'continue' || stage.onFailure === 'wait') return false;
  const first = failed[0]!;
  const why = `stage ${stage.name}: ${failed.length} failed (${allowed} allowed): ${nameOf(first)}: ${first.reason}`;
  if (stage.onFailure === 'pause') draft.pause('failure', why);
  else if (!draft.run.hasPrevious) draft.become('Failed', `${why}; there is no earlier release to roll back to`);
  else {
    draft.become('RollingBack', why);
    continueRollback(draft, observations);
  }
  return true;
}

function assignWaiting(draft: Draft, stage: RunStage, observations: Observations): void {
  let slots = resolveBudget(stage.maxConcurrent, draft.targetsOf(draft.stageIndex).length) - draft.inFlight();
  for (const target of draft.upTo(draft.stageIndex)) {
    if (slots <= 0) return;
    if (target.state !== 'waiting' || !observations(keyOf(target)).isConnected) continue;
    draft.assign(target);
    slots--;
  }
}

/** Clusters that return or join after the last stage get the release too, within its budget; their failures only get recorded. */
function takeInLateArrivals(draft: Draft, observations: Observations): void {
  const last = draft.run.stages.at(-1);
  if (!last || draft.run.hasSuccessor) return;
  draft.stageIndex = draft.run.stages.length - 1;
  setOfflineApart(draft, observations);
  assignWaiting(draft, last, observations);
}

/** Points changed clusters back within the stage's budget; those in flight keep their slot, offline ones need none. */
function continueRollback(draft: Draft, observations: Observations): void {
  const stage = draft.run.stages[Math.min(draft.stageIndex, draft.run.stages.length - 1)]!;
  const order: readonly TargetState[] = ['updating', 'failed', 'healthy', 'parked'];
  const changed = draft.targets.filter(({ wasAssigned }) => wasAssigned).sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const budget = resolveBudget(stage.maxConcurrent, draft.targetsOf(draft.stageIndex).length);
  let slots = Math.max(budget, 1) - draft.inFlight();
  for (const target of changed) {
    const isOffline = !observations(keyOf(target)).isConnected;
    if (!isOffline && target.state !== 'updating' && slots-- <= 0) continue;
    draft.pointBack(target, isOffline);
  }
  if (draft.targets.some(({ state, wasAssigned }) => state === 'rollingBack' || wasAssigned)) return;
  draft.become('RolledBack', 'every cluster this run had changed has the previous release again');
}

function summary(targets: readonly Target[]): string {
  const count = new Map<TargetState, number>();
  for (const { state } of targets) count.set(state, (count.get(state) ?? 0) + 1);
  return [...count].map(([state, n]) => `${n} ${state}`).join(', ') || 'no cluster';
}
