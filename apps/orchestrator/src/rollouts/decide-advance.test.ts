import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveBudget } from './compile-policy.js';
import { decideAdvance } from './decide-advance.js';
import type { Decision } from './decision.js';
import type { Observation } from './observation.js';
import { type Run, type RunStage, type Target, type TargetState, validateTransitions } from './rollout.js';

const stage = (name: string, rules: Partial<RunStage> = {}): RunStage => ({
  name,
  maxConcurrent: { percent: 100, atLeast: 1 },
  maxFailures: { count: 0 },
  soakMs: 0,
  timeoutMs: 60_000,
  approval: false,
  offline: 'park',
  onFailure: 'pause',
  ...rules,
});

const target = (cluster: string, stageIndex: number, state: TargetState = 'waiting'): Target => ({
  cluster,
  stageIndex,
  position: 0,
  state,
  wasAssigned: false,
  since: 0,
  reason: '',
});

const run = (stages: RunStage[], targets: Target[], rest: Partial<Run> = {}): Run => ({
  per: 'cluster',
  phase: 'Pending',
  stageIndex: 0,
  stages,
  approved: [],
  targets,
  hasSuccessor: false,
  hasPrevious: true,
  ...rest,
});

const apply = (before: Run, decision: Decision): Run => ({
  ...before,
  phase: decision.phase,
  stageIndex: decision.stageIndex,
  settledAt: decision.settledAt,
  pausedBy: decision.pausedBy,
  targets: before.targets.map((old) => decision.targets.find(({ cluster }) => cluster === old.cluster) ?? old),
});

const online = (outcome: Observation['outcome'] = 'progressing', message = ''): Observation => ({ isConnected: true, outcome, message });
const offline: Observation = { isConnected: false, outcome: 'progressing', message: '' };
const all = (seen: Observation) => () => seen;
const states = (current: Run) => Object.fromEntries(current.targets.map(({ cluster, state }) => [cluster, state]));

describe('a run', () => {
  test('goes stage by stage and waits for approval before a stage that asks for it', () => {
    let current = run([stage('dev'), stage('prod', { approval: true })], [target('d', 0), target('p', 1)]);
    let decision = decideAdvance(current, all(online()), 1);
    expect(decision.assign).toEqual(['d']);
    current = apply(current, decision);
    decision = decideAdvance(current, (name) => online(name === 'd' ? 'succeeded' : 'progressing'), 2);
    expect([decision.phase, decision.stageIndex, decision.assign]).toEqual(['WaitingForApproval', 1, []]);
    current = { ...apply(current, decision), approved: ['prod'] };
    decision = decideAdvance(current, all(online()), 3);
    expect([decision.phase, decision.assign]).toEqual(['Progressing', ['p']]);
    decision = decideAdvance(apply(current, decision), all(online('succeeded')), 4);
    expect(decision.phase).toBe('Completed');
    expect(decision.ledger.at(-1)).toMatchObject({ subject: 'rollout', from: 'Progressing', to: 'Completed' });
  });

  test('pauses on one failure too many, and a rollback touches only what it changed', () => {
    const stages = [stage('dev', { onFailure: 'rollback', maxConcurrent: { count: 1 } })];
    let current = run(stages, [target('a', 0), { ...target('b', 0), position: 1 }]);
    current = apply(current, decideAdvance(current, all(online()), 1));
    const decision = decideAdvance(current, (name) => online(name === 'a' ? 'failed' : 'progressing', 'image never ready'), 2);
    expect([decision.phase, decision.rollBack, decision.assign]).toEqual(['RollingBack', ['a'], []]);
    expect(decision.message).toContain('image never ready');
    current = apply(current, decision);
    const end = decideAdvance(current, all(online('succeeded')), 3);
    expect([end.phase, states(apply(current, end))]).toEqual(['RolledBack', { a: 'rolledBack', b: 'waiting' }]);
    const paused = decideAdvance(
      run([stage('dev')], [{ ...target('a', 0, 'updating'), wasAssigned: true }], { phase: 'Progressing' }),
      all(online('failed', 'x')),
      2,
    );
    expect([paused.phase, paused.pausedBy]).toEqual(['Paused', 'failure']);
  });

  test('without an earlier release fails instead of rolling back', () => {
    const current = run([stage('dev', { onFailure: 'rollback' })], [{ ...target('a', 0, 'updating'), wasAssigned: true }], {
      phase: 'Progressing',
      hasPrevious: false,
    });
    expect(decideAdvance(current, all(online('failed')), 2).phase).toBe('Failed');
  });

  test('parks an offline cluster, goes on without it, and gives it the release when it is back', () => {
    let current = run([stage('dev'), stage('prod')], [target('a', 0), target('b', 0), target('c', 1)]);
    current = apply(
      current,
      decideAdvance(current, (name) => (name === 'b' ? offline : online()), 1),
    );
    expect(states(current)).toEqual({ a: 'updating', b: 'parked', c: 'waiting' });
    current = apply(
      current,
      decideAdvance(current, (name) => (name === 'b' ? offline : online(name === 'a' ? 'succeeded' : 'progressing')), 2),
    );
    expect(current.phase).toBe('Progressing');
    expect(states(current)).toEqual({ a: 'healthy', b: 'parked', c: 'updating' });
    current = apply(
      current,
      decideAdvance(current, (name) => (name === 'b' ? offline : online('succeeded')), 3),
    );
    expect(current.phase).toBe('Completed');
    const late = decideAdvance(current, all(online()), 4);
    expect([late.phase, late.assign]).toEqual(['Completed', ['b']]);
  });

  test('never takes a stage whose clusters are all offline for passed', () => {
    const decision = decideAdvance(
      run([stage('canary'), stage('all')], [target('a', 0), target('b', 1)]),
      (name) => (name === 'a' ? offline : online()),
      1,
    );
    expect([decision.phase, decision.stageIndex, decision.assign]).toEqual(['Progressing', 0, []]);
    expect(decision.message).toContain('offline');
  });

  test('counts a cluster that went offline while updating against the budget until its timeout', () => {
    const stages = [stage('all', { maxConcurrent: { count: 1 } })];
    const targets = [
      { ...target('a', 0, 'updating'), wasAssigned: true, since: 0 },
      { ...target('b', 0), position: 1 },
    ];
    const current = run(stages, targets, { phase: 'Progressing' });
    const seen = (name: string) => (name === 'a' ? offline : online());
    expect(decideAdvance(current, seen, 59_999).assign).toEqual([]);
    expect(decideAdvance(current, seen, 60_000).assign).toEqual(['b']);
  });

  test('soaks, and a cluster that degrades while it soaks is a failure', () => {
    const stages = [stage('dev', { soakMs: 1000 })];
    let current = run(stages, [{ ...target('a', 0, 'updating'), wasAssigned: true }], { phase: 'Progressing' });
    const settled = decideAdvance(current, all(online('succeeded')), 100);
    expect([settled.phase, settled.againAt]).toEqual(['Soaking', 1100]);
    current = apply(current, settled);
    expect(decideAdvance(current, all(online('succeeded')), 1099).phase).toBe('Soaking');
    expect(decideAdvance(current, all(online('succeeded')), 1100).phase).toBe('Completed');
    expect(decideAdvance(current, all(online('failed')), 1099).phase).toBe('Paused');
  });

  test('gives way to a newer release at a stage boundary, and at once when its own failures paused it', () => {
    const between = run([stage('dev'), stage('prod')], [{ ...target('d', 0, 'updating'), wasAssigned: true }, target('p', 1)], {
      phase: 'Progressing',
      hasSuccessor: true,
    });
    expect(decideAdvance(between, all(online()), 1).phase).toBe('Progressing');
    expect(decideAdvance(between, all(online('succeeded')), 1).phase).toBe('Superseded');
    const paused = { ...between, phase: 'Paused' as const };
    expect(decideAdvance({ ...paused, pausedBy: 'failure' }, all(online()), 1).phase).toBe('Superseded');
    expect(decideAdvance({ ...paused, pausedBy: 'person' }, all(online()), 1).phase).toBe('Paused');
  });

  test('asks nobody for a stage in which nothing changes', () => {
    const idle = run([stage('dev', { approval: true, soakMs: 5000 }), stage('prod')], [target('d', 0, 'unchanged'), target('p', 1)]);
    expect(decideAdvance(idle, all(online()), 1).assign).toEqual(['p']);
  });

  test('has a transition table that is closed and connected', () => {
    expect(() => validateTransitions()).not.toThrow();
    expect(() => validateTransitions({ Pending: ['Gone'] })).toThrow('unknown phase');
    expect(() => validateTransitions({ Pending: [], Lost: [] })).toThrow('Lost cannot be reached');
  });
});

describe('whatever clusters report, in any order', () => {
  const outcome = fc.constantFrom<Observation['outcome']>('progressing', 'progressing', 'succeeded', 'failed', 'absent');
  const observation = fc.record({ isConnected: fc.boolean(), outcome, message: fc.constant('m') });
  const rules = fc.record({
    count: fc.integer({ min: 1, max: 3 }),
    failures: fc.nat(2),
    offline: fc.constantFrom<RunStage['offline']>('park', 'wait', 'fail'),
    onFailure: fc.constantFrom<RunStage['onFailure']>('pause', 'rollback', 'continue'),
    soakMs: fc.constantFrom(0, 500),
  });
  const scenario = fc.record({
    stages: fc.array(rules, { minLength: 1, maxLength: 3 }),
    clusters: fc.array(fc.nat(2), { minLength: 1, maxLength: 8 }),
    steps: fc.array(
      fc.record({ ms: fc.nat(40_000), seen: fc.array(observation, { minLength: 8, maxLength: 8 }), hasSuccessor: fc.boolean() }),
      { maxLength: 25 },
    ),
  });

  test('budgets hold, stages keep their order, offline is never healthy, and every look has an answer', () => {
    fc.assert(
      fc.property(scenario, ({ stages, clusters, steps }) => {
        const compiled = stages.map(({ count, failures, ...rest }, i) =>
          stage(`s${i}`, { maxConcurrent: { count }, maxFailures: { count: failures }, ...rest }),
        );
        let current = run(
          compiled,
          clusters.map((s, i) => ({ ...target(`c${i}`, s % compiled.length), position: i })),
        );
        let now = 0;
        for (const { ms, seen, hasSuccessor } of steps) {
          now += ms;
          const observe = (name: string) => seen[Number(name.slice(1))]!;
          current = { ...current, hasSuccessor };
          const decision = decideAdvance(current, observe, now);
          const next = apply(current, decision);
          const budget = resolveBudget(
            compiled[next.stageIndex]!.maxConcurrent,
            next.targets.filter(({ stageIndex }) => stageIndex === next.stageIndex).length,
          );
          const inFlight = next.targets.filter(({ state }) => state === 'updating' || state === 'rollingBack').length;
          if (decision.assign.length > 0) expect(inFlight).toBeLessThanOrEqual(budget);
          for (const { cluster, stageIndex, state } of next.targets) {
            if (decision.assign.includes(cluster)) expect(stageIndex).toBeLessThanOrEqual(next.stageIndex);
            const before = current.targets.find((old) => old.cluster === cluster)!;
            if (state === 'healthy' && before.state !== 'healthy') expect(observe(cluster).isConnected).toBe(true);
          }
          expect(decision.ledger.filter(({ subject }) => subject.startsWith('c')).length).toBeGreaterThanOrEqual(decision.targets.length);
          current = next;
        }
      }),
      { numRuns: 500 },
    );
  });
});
