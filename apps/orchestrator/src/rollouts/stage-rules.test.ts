import { describe, expect, test } from 'vitest';
import { decideAdvance } from './decide-advance.js';
import type { Observation } from './observation.js';
import type { Run, RunStage, Target, TargetState } from './rollout.js';

const RULES: RunStage = {
  name: 'all',
  maxConcurrent: { percent: 100, atLeast: 1 },
  maxFailures: { count: 0 },
  soakMs: 0,
  timeoutMs: 60_000,
  approval: false,
  offline: 'park',
  onFailure: 'pause',
};
/** Clusters a, b, c, ... in these states of a stage that runs. */
const runOf = (rules: Partial<RunStage>, states: readonly TargetState[], rest: Partial<Run> = {}): Run => ({
  per: 'cluster',
  phase: 'Progressing',
  stageIndex: 0,
  stages: [{ ...RULES, ...rules }],
  approved: [],
  targets: states.map((state, position): Target => {
    const cluster = String.fromCharCode(97 + position);
    return { cluster, stageIndex: 0, position, state, wasAssigned: state !== 'waiting' && state !== 'parked', since: 0, reason: '' };
  }),
  hasSuccessor: false,
  hasPrevious: true,
  ...rest,
});
const see =
  (seen: Record<string, Observation['outcome'] | 'offline'>) =>
  (cluster: string): Observation => {
    const outcome = seen[cluster] ?? 'progressing';
    return outcome === 'offline'
      ? { isConnected: false, outcome: 'progressing', message: '' }
      : { isConnected: true, outcome, message: outcome === 'failed' ? 'no image' : '' };
  };
const moved = ({ targets }: { targets: Target[] }) => Object.fromEntries(targets.map(({ cluster, state }) => [cluster, state]));

describe('timeout', () => {
  test('makes a connected cluster that does not get healthy a failure, with the time and the last report', () => {
    const run = runOf({}, ['updating']);
    expect(decideAdvance(run, see({}), 59_999)).toMatchObject({ phase: 'Progressing', againAt: 60_000 });
    const late = decideAdvance(run, see({}), 60_000);
    expect([late.phase, moved(late)]).toEqual(['Paused', { a: 'failed' }]);
    expect(late.message).toContain('not healthy after 1m');
  });
});

describe('offline', () => {
  test('park goes on without the cluster', () => {
    const decision = decideAdvance(runOf({ offline: 'park' }, ['healthy', 'waiting']), see({ b: 'offline' }), 1);
    expect([decision.phase, moved(decision)]).toEqual(['Completed', { b: 'parked' }]);
  });

  test('wait keeps the stage open, however long', () => {
    const run = runOf({ offline: 'wait' }, ['healthy', 'waiting']);
    const decision = decideAdvance(run, see({ b: 'offline' }), 10 * 86_400_000);
    expect([decision.phase, decision.assign, moved(decision)]).toEqual(['Progressing', [], {}]);
    expect(decideAdvance(run, see({}), 11 * 86_400_000).assign).toEqual(['b']);
  });

  test('fail counts it against the budget of failures', () => {
    const decision = decideAdvance(runOf({ offline: 'fail' }, ['healthy', 'waiting']), see({ b: 'offline' }), 1);
    expect([decision.phase, moved(decision)]).toEqual(['Paused', { b: 'failed' }]);
    const allowed = decideAdvance(runOf({ offline: 'fail', maxFailures: { count: 1 } }, ['healthy', 'waiting']), see({ b: 'offline' }), 1);
    expect(allowed.phase).toBe('Completed');
  });

  test('never keeps a newer release out: a stage that only waits for offline clusters gives way', () => {
    const parked = runOf({}, ['parked'], { hasSuccessor: true });
    expect(decideAdvance(parked, see({ a: 'offline' }), 1).phase).toBe('Superseded');
    const waits = runOf({ offline: 'wait' }, ['healthy', 'waiting'], { hasSuccessor: true });
    expect(decideAdvance(waits, see({ b: 'offline' }), 1).phase).toBe('Superseded');
    const busy = runOf({}, ['updating', 'parked'], { hasSuccessor: true });
    expect(decideAdvance(busy, see({ b: 'offline' }), 1).phase).toBe('Progressing');
  });
});

describe('onFailure', () => {
  test('pause stops assigning and keeps what is there', () => {
    const decision = decideAdvance(runOf({ onFailure: 'pause' }, ['updating', 'waiting']), see({ a: 'failed' }), 1);
    expect([decision.phase, decision.assign, decision.rollBack]).toEqual(['Paused', [], []]);
  });

  test('rollback points back what was changed', () => {
    const decision = decideAdvance(runOf({ onFailure: 'rollback' }, ['healthy', 'updating', 'waiting']), see({ b: 'failed' }), 1);
    expect([decision.phase, decision.rollBack.sort()]).toEqual(['RollingBack', ['a', 'b']]);
  });

  test('continue records the failure and goes on to the end', () => {
    const run = runOf({ onFailure: 'continue', maxConcurrent: { count: 1 } }, ['updating', 'waiting']);
    const decision = decideAdvance(run, see({ a: 'failed' }), 1);
    expect([decision.phase, decision.assign, moved(decision)]).toEqual(['Progressing', ['b'], { a: 'failed', b: 'updating' }]);
    expect(decideAdvance(runOf({ onFailure: 'continue' }, ['failed', 'updating']), see({ b: 'succeeded' }), 2).phase).toBe('Completed');
  });
});

describe('budgets', () => {
  test('maxFailures stops only at one more than it says', () => {
    const states: TargetState[] = ['updating', 'updating', 'healthy', 'healthy'];
    const budget = { maxFailures: { percent: 25 } };
    expect(decideAdvance(runOf(budget, states), see({ a: 'failed', b: 'succeeded' }), 1).phase).toBe('Completed');
    expect(decideAdvance(runOf(budget, states), see({ a: 'failed', b: 'failed' }), 1).phase).toBe('Paused');
  });

  test('maxConcurrent as a share rounds down but never to nobody', () => {
    const four: TargetState[] = ['waiting', 'waiting', 'waiting', 'waiting'];
    expect(decideAdvance(runOf({ maxConcurrent: { percent: 60, atLeast: 1 } }, four), see({}), 1).assign).toEqual(['a', 'b']);
    expect(decideAdvance(runOf({ maxConcurrent: { percent: 10, atLeast: 1 } }, four), see({}), 1).assign).toEqual(['a']);
  });
});
