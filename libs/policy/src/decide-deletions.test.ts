import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideDeletions } from './decide-deletions.js';
import { DEFAULT_GUARD } from './guard-settings.js';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `app-${String(i).padStart(3, '0')}`);
const held = (previous: string[], next: string[], settings: Partial<typeof DEFAULT_GUARD>): string[] =>
  decideDeletions(previous, next, [], { settings: { ...DEFAULT_GUARD, ...settings } }).hold;

describe('the deletion guard', () => {
  test('lets a few of many go, and holds six, a fifth of several, or all of several', () => {
    const hundred = names(100);
    expect(decideDeletions(hundred, hundred.slice(5)).hold).toEqual([]);
    expect(decideDeletions(hundred, hundred.slice(6)).hold).toEqual(hundred.slice(0, 6));
    expect(decideDeletions(names(10), names(10).slice(2)).hold).toEqual([]);
    expect(decideDeletions(names(9), names(9).slice(2)).hold).toEqual(['app-000', 'app-001']);
    expect(decideDeletions(names(3), names(3).slice(1)).hold).toEqual([]);
    expect(decideDeletions(names(2), []).hold).toEqual(['app-000', 'app-001']);
    expect(decideDeletions(['only'], [])).toEqual({ delete: ['only'], hold: [] });
  });

  test('lets released names go and holds the rest of a large removal, naming the rule', () => {
    expect(decideDeletions(names(8), [], names(3))).toEqual({
      delete: names(3),
      hold: names(8).slice(3),
      rule: 'more than max-deletion-percent 20 of 8',
    });
    expect(decideDeletions(names(8), [], names(7))).toEqual({ delete: names(7), hold: ['app-007'], rule: 'all 8 of the set' });
    expect(decideDeletions(names(8), [], names(8)).hold).toEqual([]);
  });

  test('keeps to the budget it is given: none at all, a larger one, and all only with 100 percent', () => {
    expect(held(names(50), names(50).slice(1), { maxDeletions: 0 })).toEqual(['app-000']);
    expect(held(names(50), names(50).slice(8), { maxDeletions: 8 })).toEqual([]);
    expect(held(names(50), names(50).slice(2), { maxDeletionPercent: 3 })).toEqual(['app-000', 'app-001']);
    expect(held(names(4), [], { maxDeletionPercent: 99 })).toEqual(names(4));
    expect(held(names(4), [], { maxDeletionPercent: 100 })).toEqual([]);
  });

  test('holds what is protected whatever the budget, and lets the others go', () => {
    const isProtected = (name: string) => name === 'app-000';
    expect(decideDeletions(names(50), names(50).slice(2), [], { isProtected })).toEqual({
      delete: ['app-001'],
      hold: ['app-000'],
      rule: 'protected',
    });
    expect(decideDeletions(['app-000'], [], [], { isProtected }).hold).toEqual(['app-000']);
    expect(decideDeletions(['app-000'], [], ['app-000'], { isProtected }).delete).toEqual(['app-000']);
  });
});

const list = fc.uniqueArray(fc.stringMatching(/^[a-f]{1,2}$/), { maxLength: 30 });
const settings = fc.record({
  maxDeletions: fc.nat({ max: 30 }),
  maxDeletionPercent: fc.nat({ max: 100 }),
  restoreWindowMs: fc.constant(0),
});

describe('for every input, the guard', () => {
  test('deletes or holds each that left, holds nothing released, and knows no order', () => {
    fc.assert(
      fc.property(list, list, list, settings, list, (previous, next, released, budget, guarded) => {
        const rules = { settings: budget, isProtected: (name: string) => guarded.includes(name) };
        const decision = decideDeletions(previous, next, released, rules);
        const leaving = previous.filter((name) => !next.includes(name)).sort();
        expect([...decision.delete, ...decision.hold].sort()).toEqual(leaving);
        expect(decision.hold.filter((name) => released.includes(name))).toEqual([]);
        expect(decision.delete.filter((name) => guarded.includes(name) && !released.includes(name))).toEqual([]);
        expect(decision.delete.filter((name) => !released.includes(name)).length).toBeLessThanOrEqual(budget.maxDeletions);
        expect(decideDeletions([...previous].reverse(), [...next].reverse(), [...released].reverse(), rules)).toEqual(decision);
      }),
    );
  });

  test('holds no more with a larger budget', () => {
    fc.assert(
      fc.property(list, list, list, settings, settings, (previous, next, released, one, other) => {
        const larger = {
          maxDeletions: Math.max(one.maxDeletions, other.maxDeletions),
          maxDeletionPercent: Math.max(one.maxDeletionPercent, other.maxDeletionPercent),
          restoreWindowMs: 0,
        };
        const small = decideDeletions(previous, next, released, { settings: one });
        const large = decideDeletions(previous, next, released, { settings: larger });
        expect(large.hold.filter((name) => !small.hold.includes(name))).toEqual([]);
      }),
    );
  });

  test('lets all of several go only when somebody said so', () => {
    fc.assert(
      fc.property(list, list, settings, (previous, released, budget) => {
        fc.pre(previous.length >= 2 && budget.maxDeletionPercent < 100);
        const { delete: gone } = decideDeletions(previous, [], released, { settings: budget });
        expect(gone.every((name) => released.includes(name))).toBe(true);
      }),
    );
  });
});
