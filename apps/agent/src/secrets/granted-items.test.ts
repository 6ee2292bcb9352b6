import type { Grant } from '@flotilla/contracts';
import { describe, expect, test } from 'vitest';
import { newAppRecord } from '../plan/app-record.js';
import { healthOfPlan, planApp } from '../plan/plan-app.js';
import { isDue, planSteps, waveGate } from '../plan/plan-steps.js';
import { resolveItems } from '../plan/resolve-items.js';
import { decideMode } from '../plan/sync-mode.js';
import { applied, desired, info, item, observed } from '../plan/testing.js';
import { grantedItems, receiptsOf } from './granted-items.js';
import { isRotation } from './is-rotation.js';

const [V1, V2] = ['a'.repeat(64), 'b'.repeat(64)];
const grant = (rest: Partial<Grant> = {}): Grant => ({
  id: 'g1',
  app: 'u',
  source: 'db-0123456789',
  from: { kind: 'ExternalSecret', namespace: 'web', name: 'db' },
  target: { namespace: 'web', name: 'login' },
  wave: -1,
  creationPolicy: 'Owner',
  version: V1,
  ...rest,
});
const KEY = '/Secret/web/login';
const at = (version?: string, reason?: string) => ({ versionOf: () => version, reasonFor: () => reason });
const live = observed(item('login', { kind: 'Secret', key: KEY }), {});

function planned(of: Grant, hand: ReturnType<typeof at>, { isLive = false, record = newAppRecord(desired()) } = {}) {
  const bundle = resolveItems(grantedItems([of], hand), 'web', (_version, kind) => ({ ...info, kind }));
  const look = {
    observed: () => (isLive ? live : undefined),
    isAutoscaled: () => false,
    denial: () => undefined,
    isClaimedElsewhere: () => false,
  };
  const plan = planApp({ app: desired(), record, bundle, fleet: 'f', ...look });
  return { plan, object: plan.objects[0] };
}
const recordOf = (version: string, rest = {}) => {
  const record = newAppRecord(desired());
  record.objects.set(
    KEY,
    applied(item('login', { kind: 'Secret', key: KEY }), { applied: version, grant: { id: 'g1', keep: false }, ...rest }),
  );
  return record;
};

describe('a granted Secret in a plan', () => {
  test('is an object with the version at hand as its content, in its own wave', () => {
    const { object } = planned(grant(), at(V1));
    expect(object).toMatchObject({ state: 'new', content: V1, item: { key: KEY, wave: -1, sealed: true } });
    expect(planned(grant(), at(V1), { isLive: true, record: recordOf(V1) }).object?.state).toBe('synced');
    expect(planned(grant({ version: V2 }), at(V2), { isLive: true, record: recordOf(V1) }).object?.state).toBe('changed');
  });

  test('waits without a value, is not due, and keeps the next wave closed with a reason', () => {
    const { plan, object } = planned(grant(), at(undefined, 'unavailable: the provider is down'));
    expect(object).toMatchObject({ state: 'waiting', message: expect.stringMatching(/grant g1 of ExternalSecret web\/db: unavailable/) });
    expect(healthOfPlan(plan)).toBe('Progressing');
    expect(isDue(object!, decideMode(desired(), newAppRecord(desired())))).toBe(false);
    const [step] = planSteps(plan, []);
    expect(waveGate(step!, () => undefined)).toMatchObject({
      open: false,
      failed: false,
      message: expect.stringContaining('the provider is down'),
    });
  });

  test('stays as it is with the former value, and says what it waits for', () => {
    const { object } = planned(grant({ version: V2 }), at(V1), { isLive: true, record: recordOf(V1) });
    expect(object).toMatchObject({ state: 'waiting', content: V1, message: expect.stringContaining('the former value stays') });
    expect(planned(grant({ version: V2 }), at(V1), { record: recordOf(V1) }).object?.state).toBe('missing');
    const unread = planned(grant({ version: undefined }), at(V1), { isLive: true, record: recordOf(V1) });
    expect(unread.object?.message).toContain('see SecretGrant db-0123456789');
  });

  test('that only merges waits for the Secret of others', () => {
    expect(planned(grant({ creationPolicy: 'Merge' }), at(V1)).object).toMatchObject({ state: 'waiting' });
    expect(planned(grant({ creationPolicy: 'Merge' }), at(V1), { isLive: true }).object?.state).toBe('new');
  });

  test('without its grant is pruned, and let go where its creation policy keeps it', () => {
    const verdictOf = (keep: boolean) => {
      const record = recordOf(V1, { grant: { id: 'g1', keep } });
      const bundle = resolveItems([], 'web', () => info);
      const look = { observed: () => live, isAutoscaled: () => false, denial: () => undefined, isClaimedElsewhere: () => false };
      return planApp({ app: desired(), record, bundle, fleet: 'f', ...look }).prunes[0]?.verdict;
    };
    expect(verdictOf(true)).toMatchObject({ prune: false, forget: true });
    expect(verdictOf(false)).toMatchObject({ prune: true });
  });
});

describe('receipts', () => {
  const tell = (of: Grant, record: ReturnType<typeof recordOf>) => receiptsOf([of], record, () => 'why', 'now');

  test('say which version was applied last, and why that is not the one wanted', () => {
    expect(tell(grant(), recordOf(V1))).toEqual([{ grant: 'g1', version: V1, done: true, observedAt: 'now' }]);
    expect(tell(grant({ version: V2 }), recordOf(V1))).toEqual([
      { grant: 'g1', version: V1, done: false, message: 'why', observedAt: 'now' },
    ]);
  });

  test('claim nothing for what was only announced, adopted unread, or of another grant', () => {
    for (const record of [recordOf(''), recordOf('unknown'), recordOf(V1, { grant: undefined })]) {
      expect(tell(grant(), record)).toEqual([{ grant: 'g1', done: false, message: 'why', observedAt: 'now' }]);
    }
  });
});

test('a document with nothing new but a value to fetch leaves its application alone until the value is there', () => {
  const former = { desired: desired(), grants: [grant()] };
  const next = { desired: desired(), grants: [grant({ version: V2 })] };
  expect(isRotation(former, next, at(V1))).toBe(true);
  expect(isRotation(former, next, at(V2))).toBe(false);
  expect(isRotation(former, next, at(V1, 'unavailable'))).toBe(false);
  expect(isRotation(undefined, next, at(V1))).toBe(false);
  expect(isRotation(former, { ...next, desired: desired({ release: 'r2' }) }, at(V1))).toBe(false);
  expect(isRotation(former, { ...next, grants: [grant({ version: V2, creationPolicy: 'Orphan' })] }, at(V1))).toBe(false);
  expect(isRotation(former, { ...next, grants: [grant({ version: undefined })] }, at(V1))).toBe(false);
});
