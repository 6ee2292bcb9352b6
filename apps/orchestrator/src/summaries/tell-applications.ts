import { type ApplicationStepStatus, sourcesOf } from '@flotilla/contracts';
import { type Revisions, revisionKey } from '../candidates/pin-commits.js';
import type { TargetState } from '../rollouts/rollout.js';
import type { StepRow } from '../rollouts/rollout.store.js';

/** Longest text of one application. */
const MAX_MESSAGE = 300;

const UNSELECTED = "no step of the set's strategy selects this application by its labels; it stays on what it has";

const WORDS: Readonly<Record<TargetState, ApplicationStepStatus['status']>> = {
  waiting: 'Waiting',
  parked: 'Waiting',
  updating: 'Progressing',
  rollingBack: 'Progressing',
  failed: 'Progressing',
  healthy: 'Healthy',
  unchanged: 'Healthy',
  rolledBack: 'Healthy',
};

/**
 * Applications of a run in the words of Argo CD's progressive syncs (argo-cd applicationset/progressivesync): Pending is assigned and
 * not heard of since. In order of their names.
 */
export function tellApplications(rows: readonly StepRow[], revisions: Revisions): ApplicationStepStatus[] {
  return [...rows]
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ name, spec, target, since }) => ({
      application: name,
      step: target ? String(target.stageIndex + 1) : '-1',
      status: !target ? 'Waiting' : target.state === 'updating' && !target.hasBegun ? 'Pending' : WORDS[target.state],
      message: (target?.reason ?? UNSELECTED).slice(0, MAX_MESSAGE),
      lastTransitionTime: new Date(target?.since ?? since).toISOString().replace(/\.\d{3}Z$/, 'Z'),
      targetRevisions: sourcesOf(spec).map((source) => revisions[revisionKey(source)] ?? ''),
    }));
}
