import type { SetStrategy } from '@flotilla/contracts';
import { readStrategy } from '@flotilla/policy';
import { describe, expect, test } from 'vitest';
import { decideAdvance } from '../rollouts/decide-advance.js';
import type { Observation } from '../rollouts/observation.js';
import { type PlanUnit, planStages } from '../rollouts/plan-stages.js';
import { nameOf, type Run, type Target } from '../rollouts/rollout.js';
import { choosePolicy } from './choose-policy.js';
import { compileRollingSync } from './compile-rolling-sync.js';
import { hasRestaged, runStages } from './has-restaged.js';

type Steps = NonNullable<NonNullable<SetStrategy['rollingSync']>['steps']>;
const compile = (steps: Steps) => compileRollingSync(readStrategy({ type: 'RollingSync', rollingSync: { steps } }).rolling!);
const env = (operator: string, ...values: string[]) => ({ matchExpressions: [{ key: 'env', operator, values }] });
const app = (name: string, labels: Record<string, string> = {}): PlanUnit => ({
  cluster: 'one',
  application: { uid: `uid-${name}`, name },
  labels,
});
const seen = (rest: Partial<Observation> = {}): Observation => ({ isConnected: true, outcome: 'progressing', message: '', ...rest });

/** A run of one step over applications a0, a1, ... in these states. */
function runOf(maxUpdate: number | string | undefined, states: readonly Target['state'][], rest: Partial<Run> = {}): Run {
  return {
    per: 'application',
    phase: 'Progressing',
    stageIndex: 0,
    stages: runStages(compile([{ matchExpressions: [], ...(maxUpdate === undefined ? {} : { maxUpdate }) }])),
    approved: [],
    targets: states.map((state, position) => ({
      cluster: 'one',
      application: { uid: `uid-a${position}`, name: `a${position}` },
      stageIndex: 0,
      position,
      state,
      wasAssigned: state !== 'waiting' && state !== 'unchanged',
      since: 0,
      reason: '',
    })),
    hasSuccessor: false,
    hasPrevious: true,
    ...rest,
  };
}

describe('steps', () => {
  test('are dealt applications by label, the first step first; the rest is named', () => {
    const policy = compile([env('In', 'dev'), env('NotIn', 'prod'), env('In', 'none')]);
    const plan = planStages([app('p', { env: 'prod' }), app('d', { env: 'dev' }), app('x'), app('a', { env: 'qa' })], policy);
    expect(plan.stages.map(({ units }) => units.map(nameOf))).toEqual([['d'], ['a', 'x'], []]);
    expect(plan.unplanned).toEqual(['p']);
    expect(plan.warnings).toEqual([
      'stage step-3 selects no application',
      'more than one stage selects d; each belongs to the first',
      'no stage of policy RollingSync selects p; they keep what they have',
    ]);
  });

  test('other steps, or another application in one, are a reason to begin anew; those of a paused run are not', () => {
    const policy = compile([env('In', 'dev'), env('In', 'prod')]);
    const units = [app('a', { env: 'dev' }), app('b')];
    const run = { ...runOf(undefined, []), stages: runStages(policy), targets: [{ ...app('a'), stageIndex: 0 } as unknown as Target] };
    expect(hasRestaged(run, policy, units)).toBe(false);
    expect(hasRestaged(run, compile([{ ...env('In', 'dev'), maxUpdate: 1 }, env('In', 'prod')]), units)).toBe(true);
    expect(hasRestaged(run, policy, [app('a', { env: 'prod' }), app('b')])).toBe(true);
    expect(hasRestaged(run, policy, [app('a', { env: 'dev' }), app('b', { env: 'prod' })])).toBe(true);
    expect(hasRestaged({ ...run, phase: 'Paused' }, policy, [])).toBe(false);
    expect(hasRestaged(run, policy, [])).toBe(false);
  });
});

test.each([
  [undefined, 7, 0, 7],
  ['50%', 3, 0, 1],
  ['34%', 3, 0, 1],
  ['1%', 3, 0, 1],
  ['0%', 3, 0, 0],
  ['200%', 3, 0, 3],
  [0, 3, 0, 0],
  [2, 3, 0, 2],
  [2, 3, 1, 1],
  ['50%', 4, 2, 0],
  ['abc', 3, 0, 1],
  ['2', 3, 0, 1],
])('maxUpdate %j of %i applications with %i changing lets %i more change', (maxUpdate, total, changing, expected) => {
  const states = Array.from({ length: total }, (_, i) => (i < changing ? ('updating' as const) : ('waiting' as const)));
  const { assign, message, phase } = decideAdvance(runOf(maxUpdate, states), () => seen(), 1);
  expect([assign.length, phase]).toEqual([expected, 'Progressing']);
  expect(message.includes('maxUpdate 0 blocks it')).toBe(maxUpdate === 0 || maxUpdate === '0%');
});

describe('a step', () => {
  const HOUR = 3_600_000;
  const failing = seen({ outcome: 'failed', message: 'image never ready', hasReport: true, isHealthy: false });
  const healthy = seen({ outcome: 'succeeded', isHealthy: true });

  test('knows no failure and no time limit: who fails keeps its place, the others go on', () => {
    const decision = decideAdvance(runOf(2, ['updating', 'waiting', 'waiting']), (key) => (key === 'uid-a0' ? failing : seen()), HOUR);
    expect([decision.phase, decision.assign, decision.rollBack]).toEqual(['Progressing', ['uid-a1'], []]);
    expect(decision.targets[0]).toMatchObject({ state: 'updating', hasBegun: true, reason: 'image never ready' });
    expect(decision.ledger.map(({ subject, to }) => `${subject} ${to}`)).toEqual(['a1 updating']);
    expect(decideAdvance(runOf(2, ['updating', 'healthy']), (key) => (key === 'uid-a0' ? failing : healthy), HOUR).phase).toBe(
      'Progressing',
    );
  });

  test('says the same news once', () => {
    const run = runOf(2, ['updating']);
    const { targets } = decideAdvance(run, () => failing, 1);
    expect(decideAdvance({ ...run, targets }, () => failing, 2).targets).toEqual([]);
  });

  test('is over when all of it is healthy, which an offline application is waited for', () => {
    expect(decideAdvance(runOf(1, ['updating', 'healthy', 'unchanged']), () => healthy, 1).phase).toBe('Completed');
    const offline = seen({ isConnected: false });
    expect(decideAdvance(runOf(5, ['waiting', 'healthy']), (key) => (key === 'uid-a0' ? offline : healthy), HOUR)).toMatchObject({
      phase: 'Progressing',
      assign: [],
    });
    expect(decideAdvance(runOf(5, ['updating']), () => offline, HOUR).targets).toEqual([]);
  });

  test('does not wait for an application that was deleted', () => {
    const gone = seen({ isConnected: false, outcome: 'absent' });
    expect(decideAdvance(runOf(0, ['waiting', 'updating']), () => gone, 1).phase).toBe('Completed');
  });

  test('gives way to a newer release at once', () => {
    expect(decideAdvance(runOf(5, ['updating', 'waiting'], { hasSuccessor: true }), () => seen(), 1)).toMatchObject({
      phase: 'Superseded',
      assign: [],
    });
  });

  test('that maxUpdate blocks can still be rolled back by a person', () => {
    expect(decideAdvance(runOf(0, ['healthy', 'healthy'], { phase: 'RollingBack' }), () => healthy, 1).rollBack).toEqual(['uid-a0']);
  });
});

test('a strategy stages a set of any size; with an annotation it is not in force', () => {
  const strategy: SetStrategy = { type: 'RollingSync', rollingSync: { steps: [{ maxUpdate: 'abc' }] } };
  const set = (annotations: Record<string, string> = {}, own: SetStrategy = strategy) => ({
    apiVersion: 'argoproj.io/v1alpha1' as const,
    kind: 'ApplicationSet' as const,
    metadata: { name: 'web', namespace: 'argocd', annotations },
    spec: { generators: [], template: {}, strategy: own },
  });
  const none = () => undefined;
  for (const clusters of [1, 100]) {
    expect(choosePolicy(set(), clusters, none)).toMatchObject({
      policy: { name: 'RollingSync', per: 'application' },
      warning: expect.stringContaining('"abc"'),
    });
  }
  expect(choosePolicy(set({ 'flotilla.dev/rollout-policy': 'none' }), 100, none)).toEqual({ none: true });
  expect(choosePolicy(set({}, { type: 'AllAtOnce' }), 100, none)).toMatchObject({ policy: { name: 'guarded' } });
  expect(choosePolicy(set({}, { type: 'Rolling' }), 1, none)).toEqual({ problem: expect.stringContaining('spec.strategy.type "Rolling"') });
});
