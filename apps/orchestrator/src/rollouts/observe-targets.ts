import { formatDuration } from '@flotilla/kernel';
import type { Draft } from './draft.js';
import type { Observation, Observations } from './observation.js';
import { keyOf, type Target, type TargetState } from './rollout.js';

type Verdict = { state: TargetState; reason: string } | undefined;

/** Moves targets by what their clusters report. An offline cluster moves only by time. */
export function observeTargets(draft: Draft, observations: Observations): void {
  for (const target of draft.targets) {
    const seen = observations(keyOf(target));
    const verdict = judge(draft, target, seen);
    if (verdict) draft.move(target, verdict.state, verdict.reason);
    else if (target.application && target.state === 'updating' && seen.hasReport) draft.remark(target, seen.message || 'syncing');
  }
}

function judge(draft: Draft, target: Target, seen: Observation): Verdict {
  const hasFailed = seen.isConnected && seen.outcome === 'failed';
  switch (target.state) {
    case 'waiting':
      return target.application && seen.outcome === 'absent' ? { state: 'unchanged', reason: 'it is not there any more' } : undefined;
    case 'updating':
      return judgeUpdating(draft, target, seen);
    case 'rollingBack':
      return judgeRollingBack(draft, target, seen);
    case 'healthy':
      return isWatched(draft, target) && hasFailed ? { state: 'failed', reason: `no longer healthy: ${seen.message}` } : undefined;
    case 'failed':
      return target.wasAssigned && seen.isConnected && seen.outcome === 'succeeded' ? { state: 'healthy', reason: 'recovered' } : undefined;
    case 'parked':
      return seen.isConnected ? comeBack(draft, target, seen) : undefined;
    default:
      return undefined;
  }
}

function judgeUpdating(draft: Draft, target: Target, seen: Observation): Verdict {
  if (seen.outcome === 'absent') return { state: 'unchanged', reason: 'no application of the release is left there' };
  if (seen.isConnected && seen.outcome === 'succeeded') return { state: 'healthy', reason: 'Synced and Healthy' };
  const { timeoutMs, offline, onFailure } = draft.run.stages[target.stageIndex]!;
  if (onFailure === 'wait') return undefined;
  if (seen.isConnected && seen.outcome === 'failed') return { state: 'failed', reason: seen.message };
  if (!isDue(draft, target.since + timeoutMs)) return undefined;
  const after = `after ${formatDuration(timeoutMs)}`;
  if (seen.isConnected || offline === 'fail') return { state: 'failed', reason: `not healthy ${after}: ${seen.message || 'no report'}` };
  // Until here it held its slot: it may have been updating unseen.
  return offline === 'park' ? { state: 'parked', reason: `still offline ${after}; it catches up when it is back` } : undefined;
}

function judgeRollingBack(draft: Draft, target: Target, seen: Observation): Verdict {
  if (seen.outcome === 'absent' || (seen.isConnected && seen.outcome === 'succeeded')) {
    return { state: 'rolledBack', reason: 'has the previous release again' };
  }
  const { timeoutMs } = draft.run.stages[target.stageIndex]!;
  if (!isDue(draft, target.since + timeoutMs)) return undefined;
  const why = seen.isConnected ? seen.message || 'no report' : 'offline';
  return { state: seen.isConnected ? 'failed' : 'parked', reason: `rollback not confirmed after ${formatDuration(timeoutMs)}: ${why}` };
}

function isDue(draft: Draft, deadline: number): boolean {
  if (draft.now < deadline) draft.lookAgainAt(deadline);
  return draft.now >= deadline;
}

/** A cluster that already has the document catches up by itself: it can only be counted, not held back. */
function comeBack(draft: Draft, target: Target, seen: Observation): Verdict {
  if (draft.run.phase === 'RollingBack' || draft.run.phase === 'RolledBack') return undefined;
  if (!target.wasAssigned) return { state: 'waiting', reason: 'back online' };
  if (seen.outcome === 'succeeded') return { state: 'healthy', reason: 'back online, Synced and Healthy' };
  return { state: 'updating', reason: 'back online' };
}

/** Clusters of the stage in progress are watched through its soak; later on their health is no verdict on the release. */
function isWatched(draft: Draft, target: Target): boolean {
  if (draft.run.stages[target.stageIndex]?.onFailure === 'wait') return false;
  return target.stageIndex === draft.run.stageIndex && (draft.run.phase === 'Progressing' || draft.run.phase === 'Soaking');
}
