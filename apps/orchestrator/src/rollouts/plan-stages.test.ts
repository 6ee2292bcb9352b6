import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePolicy, GUARDED_POLICY, resolveBudget } from './compile-policy.js';
import { planStages, stageOfJoiner } from './plan-stages.js';
import { nameOf } from './rollout.js';

const cluster = (name: string, labels: Record<string, string> = {}) => ({ cluster: name, labels });
const policy = (spec: Record<string, unknown>) =>
  compilePolicy({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'RolloutPolicy',
    metadata: { name: 'p', namespace: 'argocd' },
    spec: spec as never,
  });

const staged = policy({
  stages: [
    { name: 'dev', clusterSelector: { matchLabels: { env: 'dev' } } },
    { name: 'half', percent: 50, clusterSelector: { matchLabels: { env: 'prod' } } },
    { name: 'rest' },
  ],
});

describe('planning stages', () => {
  test('deals clusters out in order, each once, a share rounded up', () => {
    const clusters = [
      cluster('p3', { env: 'prod' }),
      cluster('p1', { env: 'prod' }),
      cluster('d', { env: 'dev' }),
      cluster('p2', { env: 'prod' }),
    ];
    expect(planStages(clusters, staged).stages.map(({ units }) => units.map(nameOf))).toEqual([['d'], ['p1', 'p2'], ['p3']]);
  });

  test('orders by a label first when told to', () => {
    const ordered = policy({ stages: [{ name: 'one', orderBy: 'weight' }] });
    const plan = planStages([cluster('a', { weight: '2' }), cluster('b', { weight: '1' }), cluster('c')], ordered);
    expect(plan.stages[0]!.units.map(nameOf)).toEqual(['c', 'b', 'a']);
  });

  test('names clusters no stage selects and stages that select none', () => {
    const plan = planStages(
      [cluster('x', { env: 'qa' })],
      policy({ stages: [{ name: 'dev', clusterSelector: { matchLabels: { env: 'dev' } } }] }),
    );
    expect(plan.unplanned).toEqual(['x']);
    expect(plan.warnings).toEqual(['stage dev selects no cluster', 'no stage of policy p selects x; they keep what they have']);
  });

  test('of the guarded policy begins with one canary', () => {
    const clusters = Array.from({ length: 12 }, (_, i) => cluster(`c${String(i).padStart(2, '0')}`));
    expect(planStages(clusters, GUARDED_POLICY).stages.map(({ units }) => units.length)).toEqual([1, 11]);
    expect(resolveBudget(GUARDED_POLICY.stages[1]!.maxFailures, 11)).toBe(3);
    expect(resolveBudget(GUARDED_POLICY.stages[1]!.maxFailures, 1000)).toBe(50);
  });

  test('puts a joiner into the first unlimited stage that selects it', () => {
    expect(stageOfJoiner({ env: 'dev' }, staged)).toBe(0);
    expect(stageOfJoiner({ env: 'prod' }, staged)).toBe(2);
    expect(
      stageOfJoiner({ env: 'qa' }, policy({ stages: [{ name: 'a', clusterSelector: { matchLabels: { env: 'dev' } } }] })),
    ).toBeUndefined();
  });

  test('never loses or doubles a cluster, whatever the policy', () => {
    const env = fc.constantFrom('dev', 'prod', 'qa');
    const stages = fc.array(
      fc.record({
        selector: fc.option(env),
        limit: fc.oneof(
          fc.constant({}),
          fc.nat(5).map((n) => ({ count: n + 1 })),
          fc.nat(100).map((percent) => ({ percent })),
        ),
      }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(fc.array(env, { maxLength: 40 }), stages, (envs, list) => {
        const clusters = envs.map((value, i) => cluster(`c${i}`, { env: value }));
        const compiled = policy({
          stages: list.map(({ selector, limit }, i) => ({
            name: `s${i}`,
            ...(selector ? { clusterSelector: { matchLabels: { env: selector } } } : {}),
            ...limit,
          })),
        });
        const plan = planStages(clusters, compiled);
        const dealt = [...plan.stages.flatMap(({ units }) => units.map(nameOf)), ...plan.unplanned];
        expect(dealt.sort()).toEqual(clusters.map(({ cluster }) => cluster).sort());
      }),
    );
  });
});

describe('compiling a policy', () => {
  test('refuses what it cannot mean, by field', () => {
    expect(() => policy({ maxFailures: 'few', stages: [{ name: 'a' }] })).toThrow('spec.maxFailures "few"');
    expect(() => policy({ stages: [{ name: 'a', soak: 'long' }] })).toThrow('spec.stages[0].soak');
    expect(() => policy({ stages: [{ name: 'a', count: 1, percent: 5 }] })).toThrow('both count and percent');
    expect(() => policy({ stages: [{ name: 'a' }, { name: 'a' }] })).toThrow('two stages are named "a"');
    expect(() => policy({ maxConcurrent: 0, stages: [{ name: 'a' }] })).toThrow('spec.maxConcurrent 0');
  });

  test('lets a stage win over the defaults on spec', () => {
    const compiled = policy({ maxFailures: 2, soak: '10s', stages: [{ name: 'a' }, { name: 'b', maxFailures: '10 %', soak: '1m' }] });
    expect(compiled.stages.map(({ maxFailures, soakMs }) => [maxFailures, soakMs])).toEqual([
      [{ count: 2 }, 10_000],
      [{ percent: 10 }, 60_000],
    ]);
  });
});
