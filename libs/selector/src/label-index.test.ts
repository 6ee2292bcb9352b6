import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LabelIndex, matchesSelector, parseSelectorText, type Requirement, SelectorIndex } from './index.js';

const KEYS = ['env', 'region', 'tier', '__proto__', 'constructor'];
const VALUES = ['', 'prod', 'dev', '1', '5', '10', '-3', '1e3'];

const labels = fc
  .array(fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES)), { maxLength: 5 })
  .map((pairs) => Object.fromEntries(pairs) as Record<string, string>);
const requirement: fc.Arbitrary<Requirement> = fc.record({
  key: fc.constantFrom(...KEYS),
  operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'),
  values: fc.array(fc.constantFrom(...VALUES), { maxLength: 3 }),
});
const selector = fc.array(requirement, { maxLength: 4 });
/** Names few enough that slots come, go and come back; many enough that sets of them become bitmaps. */
const name = fc.integer({ min: 0, max: 150 }).map((i) => `c-${i}`);
const change = fc.record({ name, labels: fc.option(labels) });

test('an index of members selects what the selector says of each member, after any changes, in name order', () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 600, size: 'max' }),
      fc.array(selector, { minLength: 1, maxLength: 8 }),
      (changes, selectors) => {
        const index = new LabelIndex<string>();
        const plain = new Map<string, Record<string, string>>();
        for (const [i, { name: member, labels: now }] of changes.entries()) {
          if (now) plain.set(member, now);
          if (now) index.put(member, now, member);
          else expect(index.delete(member)).toBe(plain.delete(member));
          if (i % 50 === 0) index.select([]);
        }
        for (const requirements of selectors) {
          const expected = [...plain].filter(([, now]) => matchesSelector(requirements, now)).map(([member]) => member);
          expect(index.select(requirements)).toEqual(expected.sort());
          expect(index.count(requirements)).toBe(expected.length);
        }
        expect(index.size).toBe(plain.size);
      },
    ),
    { numRuns: 150 },
  );
});

test('an index of selectors finds those that take some labels, after any changes', () => {
  const put = fc.record({ key: fc.integer({ min: 0, max: 20 }), selectors: fc.option(fc.array(selector, { maxLength: 3 })) });
  fc.assert(
    fc.property(fc.array(put, { maxLength: 60 }), fc.array(labels, { minLength: 1, maxLength: 6 }), (puts, all) => {
      const index = new SelectorIndex<number>();
      const plain = new Map<number, Requirement[][]>();
      for (const { key, selectors } of puts) {
        if (selectors) index.put(key, selectors);
        else index.delete(key);
        if (selectors) plain.set(key, selectors);
        else plain.delete(key);
      }
      for (const one of all) {
        const expected = [...plain].filter(([, selectors]) => selectors.some((requirements) => matchesSelector(requirements, one)));
        expect([...index.matching(one)].sort()).toEqual(expected.map(([key]) => key).sort());
      }
    }),
    { numRuns: 300 },
  );
});

test('a member is replaced under its name, and its slot goes to the next one', () => {
  const index = new LabelIndex<{ id: number }>();
  index.put('b', { env: 'prod' }, { id: 1 });
  index.put('a', { env: 'prod' }, { id: 2 });
  index.put('b', { env: 'dev' }, { id: 3 });
  expect(index.select(parseSelectorText('env'))).toEqual([{ id: 2 }, { id: 3 }]);
  expect(index.get('b')).toEqual({ id: 3 });
  index.delete('a');
  index.put('z', { env: 'prod' }, { id: 4 });
  expect([index.select(parseSelectorText('env=prod')), index.get('a')]).toEqual([[{ id: 4 }], undefined]);
});
