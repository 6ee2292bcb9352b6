import { TRACKING_ANNOTATION, trackingId } from '@flotilla/kube';
import { describe, expect, test } from 'vitest';
import type { Observed } from '../cluster/observed.js';
import { type AppRecord, newAppRecord, type ObjectRecord } from './app-record.js';
import { planApp } from './plan-app.js';
import { isDue, planSteps, waveGate } from './plan-steps.js';
import type { ResolvedItem } from './resolve-items.js';
import { decideMode, healDelayMs, retryDelayMs } from './sync-mode.js';
import { applied, desired, item, observed } from './testing.js';

function plan(
  items: ResolvedItem[],
  live: Observed[],
  records: [ResolvedItem, ObjectRecord][],
  more: Partial<Parameters<typeof planApp>[0]> = {},
) {
  const record: AppRecord = { ...newAppRecord(desired()), objects: new Map(records.map(([of, entry]) => [of.key, entry])) };
  return planApp({
    app: desired(),
    record,
    bundle: { items, hooks: [], keys: new Set(items.map(({ key }) => key)) },
    fleet: 'f',
    observed: (_version, key) => live.find((seen) => seen.key === key),
    isAutoscaled: () => false,
    denial: () => undefined,
    isClaimedElsewhere: () => false,
    ...more,
  });
}

describe('the plan of an application', () => {
  const a = item('a');
  const stateOf = (live: Observed[], record?: ObjectRecord, more = {}) =>
    plan([a], live, record ? [[a, record]] : [], more).objects[0]?.state;

  test('tells how each object stands', () => {
    expect(stateOf([])).toBe('new');
    expect(stateOf([observed(a)], applied(a))).toBe('synced');
    expect(stateOf([observed(a)], applied(a, { applied: 'older' }))).toBe('changed');
    expect(stateOf([], applied(a))).toBe('missing');
    expect(stateOf([observed(a, { projection: 'q' })], applied(a))).toBe('drifted');
    expect(stateOf([observed(a, { projection: undefined })], applied(a))).toBe('drifted');
    expect(stateOf([observed(a)], applied(a, { contested: { manager: 'x', fields: [] } }))).toBe('contested');
    expect(stateOf([observed(a)], applied(a), { denial: () => 'no' })).toBe('denied');
    expect(plan([item('a', { info: undefined })], [], []).objects[0]?.state).toBe('parked');
    const foreign = observed(a);
    foreign.meta.annotations![TRACKING_ANNOTATION] = trackingId({ namespace: 'argocd', name: 'other' }, a);
    expect(stateOf([foreign])).toBe('shared');
  });

  test('applies again without replicas once an autoscaler owns them', () => {
    const { objects } = plan([a], [observed(a)], [[a, applied(a)]], { isAutoscaled: () => true });
    expect(objects[0]).toMatchObject({ state: 'changed', content: 'd:autoscaled' });
  });

  test('prunes what the inventory has and the bundle has not, unless another application wants it', () => {
    const gone = item('gone');
    expect(plan([a], [observed(gone)], [[gone, applied(gone)]]).prunes[0]?.verdict).toEqual({ prune: true, uid: 'uid-gone' });
    const claimed = plan([a], [observed(gone)], [[gone, applied(gone)]], { isClaimedElsewhere: () => true });
    expect(claimed.prunes[0]?.verdict).toMatchObject({ prune: false, forget: true });
  });
});

describe('steps', () => {
  test('run waves in order, prunes mirrored, and only what the mode allows', () => {
    const [first, second] = [item('a', { wave: -1 }), item('b', { wave: 2 })];
    const [old, older] = [item('old', { wave: 0 }), item('older', { wave: 5 })];
    const made = plan(
      [first, second],
      [observed(old), observed(older)],
      [
        [old, applied(old)],
        [older, applied(older)],
      ],
    );
    const steps = planSteps(made, []);
    expect(
      steps.map(({ wave, objects, prunes }) => [wave, objects.map((o) => o.item.name), prunes.map((p) => p.key.split('/')[3])]),
    ).toEqual([
      [-1, ['a'], []],
      [0, [], ['older']],
      [2, ['b'], []],
      [5, [], ['old']],
    ]);
    expect(planSteps(made, ['PruneLast=true']).at(-1)).toMatchObject({ wave: 3 });
    const off = decideMode(desired({ apply: false }), newAppRecord(desired()));
    expect(made.objects.some((object) => isDue(object, off))).toBe(false);
  });

  test('open the next wave for healthy objects and those without health; Degraded fails, parked ones do not count', () => {
    const step = planSteps(plan([item('a')], [], []), [])[0]!;
    expect(waveGate(step, () => undefined)).toEqual({ open: true });
    expect(waveGate(step, () => ({ status: 'Healthy' }))).toEqual({ open: true });
    expect(waveGate(step, () => ({ status: 'Progressing', message: 'why' }))).toEqual({
      open: false,
      failed: false,
      message: 'wave 0: /ConfigMap/web/a is Progressing: why',
    });
    expect(waveGate(step, () => ({ status: 'Degraded' }))).toMatchObject({ open: false, failed: true });
    expect(waveGate(step, () => 'missing')).toMatchObject({ open: false, failed: false });
    const parked = planSteps(plan([item('a', { info: undefined })], [], []), [])[0]!;
    expect(waveGate(parked, () => 'missing')).toEqual({ open: true });
  });
});

describe('the mode of a sync', () => {
  const record = newAppRecord(desired());
  test('follows the policy, and nothing is automatic without it', () => {
    expect(decideMode(desired(), record)).toMatchObject({ apply: true, heal: true, prune: true, asked: false });
    expect(decideMode(desired({ syncPolicy: {} }), record)).toMatchObject({ apply: true, heal: false, prune: false });
    const disabled = { automated: { enabled: false, prune: true, selfHeal: true } };
    expect(decideMode(desired({ syncPolicy: disabled }), record)).toMatchObject({ heal: false, prune: false });
    expect(decideMode(desired({ apply: false }), record)).toMatchObject({ apply: false, heal: false, prune: false });
  });

  test('carries an asked operation out once, on the objects it names', () => {
    const app = desired({ apply: false, operation: { id: 'op', sync: { resources: [{ kind: 'ConfigMap', name: 'a' }] } } });
    const mode = decideMode(app, record);
    expect(mode).toMatchObject({ asked: true, operationId: 'op', apply: true, prune: false });
    expect([mode.selects(item('a')), mode.selects(item('b'))]).toEqual([true, false]);
    const operation = { id: 'op', phase: 'Running' as const, startedAt: '', bundle: 'b', failures: 0 };
    expect(decideMode(app, { ...record, asked: 'op', operation }).asked).toBe(true);
    expect(decideMode(app, { ...record, asked: 'op', operation: { ...operation, phase: 'Failed' } }).asked).toBe(false);
  });

  test('waits as Argo CD does: the first retry after 10 s, asked ones once, corrections 0, 2, 6, 18 s', () => {
    const failed = (failures: number) => ({ id: 'x', phase: 'Running' as const, startedAt: '', bundle: 'b', failures });
    expect([1, 2, 3, 5, 6].map((n) => retryDelayMs(desired(), failed(n), false))).toEqual([10_000, 20_000, 40_000, 160_000, undefined]);
    expect(retryDelayMs(desired(), failed(1), true)).toBeUndefined();
    const forever = desired({ syncPolicy: { retry: { limit: -1, backoff: { duration: '1s', maxDuration: '3s' } } } });
    expect(retryDelayMs(forever, failed(50), false)).toBe(3_000);
    expect([0, 1, 2, 3, 9].map(healDelayMs)).toEqual([0, 2_000, 6_000, 18_000, 300_000]);
  });
});
