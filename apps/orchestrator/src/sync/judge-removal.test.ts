import { DEFAULT_GUARD } from '@flotilla/policy';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeRemoval, type Leaving, objectName, type RemovalPlan, type RemovalQuestion, readApproval } from './judge-removal.js';
import type { LocalObject } from './local.store.js';

const NOW = Date.parse('2026-03-01T12:00:00.400Z');
const leave = (name: string, more: Partial<LocalObject> = {}, facts: Partial<Leaving> = {}): Leaving => ({
  object: { kind: 'Application', namespace: 'argocd', name, uid: name, ...more },
  isGoing: false,
  isProtected: false,
  ...facts,
});
const stay = (count: number): string[] => Array.from({ length: count }, (_, place) => `Application/argocd/stays-${place}`);
const judge = (leaving: readonly Leaving[], more: Partial<RemovalQuestion> = {}): RemovalPlan =>
  judgeRemoval({ leaving, staying: stay(50), settings: DEFAULT_GUARD, approval: undefined, wantedBy: 'automation', now: NOW, ...more });
const names = ({ remove, held, pending, off }: RemovalPlan) => ({
  remove: remove.map(({ object }) => object.name).join(''),
  held: held.map(({ name }) => name).join(''),
  pending: pending.map(({ name }) => name).join(''),
  off: off.map(({ name }) => name).join(''),
});
const nothing = { remove: '', held: '', pending: '', off: '' };

describe('what an application of applications no longer wants', () => {
  test('goes within the budget, is held above it, and stays held since the first time', () => {
    expect(names(judge([leave('a'), leave('b')]))).toEqual({ ...nothing, remove: 'ab' });
    const plan = judge([leave('a', { leftAt: 5, heldSince: 5 }), leave('b')], { staying: [] });
    expect(names(plan)).toEqual({ ...nothing, held: 'ab' });
    expect(plan.held.map(({ heldSince }) => heldSince)).toEqual([5, NOW]);
    expect(plan.rule).toBe('more than max-deletion-percent 20 of 2');
  });

  test('that is going already is not counted again', () => {
    const going = ['a', 'b', 'c', 'd', 'e'].map((name) => leave(name, { leftAt: 1 }, { isGoing: true }));
    expect(names(judge([...going, leave('f')]))).toEqual({ ...nothing, remove: 'abcdef' });
  });

  test('waits for the restore window since it left, but not when a person asked or released it', () => {
    const settings = { ...DEFAULT_GUARD, restoreWindowMs: 1_000 };
    const plan = judge([leave('a', { leftAt: NOW - 400 }), leave('b', { leftAt: NOW - 1_000 }), leave('c', { releasedBy: 'ann' })], {
      settings,
    });
    expect(names(plan)).toEqual({ ...nothing, remove: 'bc', pending: 'a' });
    expect(plan.pending[0]?.deleteAt).toBe(NOW + 600);
    expect(names(judge([leave('a')], { settings, wantedBy: 'person' }))).toEqual({ ...nothing, remove: 'a' });
  });

  test('goes no further when nobody wants it any more, unless it was held and is released', () => {
    const held = { leftAt: 1, heldSince: 1 };
    const leaving = [
      leave('a', held),
      leave('b', { ...held, releasedBy: 'ann' }),
      leave('c', { leftAt: 1 }),
      leave('d', { leftAt: 1 }, { isGoing: true }),
    ];
    expect(names(judge(leaving, { wantedBy: 'nobody' }))).toEqual({ remove: 'db', held: 'a', pending: '', off: 'c' });
    expect(names(judge(leaving, { wantedBy: 'nobody', approval: 'always' }))).toEqual({ ...nothing, remove: 'dab', off: 'c' });
  });

  test('is released by a time of approval that is not before the hold, in whole seconds', () => {
    const leaving = [leave('a', { leftAt: NOW, heldSince: NOW }), leave('b', { leftAt: NOW, heldSince: NOW + 1_000 }), leave('c')];
    const approval = readApproval('2026-03-01T12:00:00Z', NOW);
    expect(names(judge(leaving, { staying: [], approval }))).toEqual({ ...nothing, remove: 'a', held: 'bc' });
    expect(names(judge([leave('a', {}, { isProtected: true }), leave('b')], { approval: 'always' }))).toEqual({
      ...nothing,
      remove: 'b',
      held: 'a',
    });
    expect([undefined, '', 'yes', 'false', '2026-03-01T12:10:00Z'].map((text) => readApproval(text, NOW))).toEqual(
      Array(5).fill(undefined),
    );
  });
});

test('a document is named with its namespace only where that is another one', () => {
  expect(objectName({ kind: 'Application', namespace: 'argocd', name: 'a' }, 'argocd')).toBe('Application/a');
  expect(objectName({ kind: 'Application', namespace: 'team', name: 'a' }, 'argocd')).toBe('Application/team/a');
});

const leavings = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[a-f]{1,2}$/),
    heldSince: fc.option(fc.constantFrom(1, NOW - 60_000), { nil: undefined }),
    releasedBy: fc.option(fc.constant('ann'), { nil: undefined }),
    isGoing: fc.boolean(),
    isProtected: fc.boolean(),
  }),
  { selector: ({ name }) => name, maxLength: 20 },
);
const settings = fc.record({ maxDeletions: fc.nat(20), maxDeletionPercent: fc.nat(100), restoreWindowMs: fc.constantFrom(0, 60_000) });
const wanters = fc.constantFrom('automation', 'person', 'nobody') as fc.Arbitrary<RemovalQuestion['wantedBy']>;

test('for every input each document has one fate, and unreleased ones never go when protected, beyond the budget or unwanted', () => {
  fc.assert(
    fc.property(leavings, settings, fc.nat(20), wanters, (all, budget, staying, wantedBy) => {
      const leaving = all.map(({ name, heldSince, releasedBy, ...facts }) =>
        leave(name, { ...(heldSince ? { leftAt: heldSince, heldSince } : {}), ...(releasedBy ? { releasedBy } : {}) }, facts),
      );
      const plan = judge(leaving, { settings: budget, staying: stay(staying), wantedBy });
      const fates = [...plan.remove.map(({ object }) => object), ...plan.held, ...plan.pending, ...plan.off].map(({ name }) => name);
      expect(fates.sort()).toEqual(all.map(({ name }) => name).sort());
      const unasked = plan.remove.filter(({ object, isGoing }) => !isGoing && object.releasedBy === undefined);
      expect(unasked.filter(({ isProtected }) => isProtected)).toEqual([]);
      expect(unasked.length).toBeLessThanOrEqual(wantedBy === 'nobody' ? 0 : budget.maxDeletions);
    }),
  );
});
