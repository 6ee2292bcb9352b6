import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PathTrie } from './path-trie.js';

const path = fc.array(fc.constantFrom('a', 'b', 'é', 'a b'), { maxLength: 4 }).map((names) => names.join('/'));
const isAtOrBelow = (one: string, other: string): boolean => other === '' || one === other || one.startsWith(`${other}/`);

test('a change touches what reads a path at, below or above it, whatever was added and removed before', () => {
  const step = fc.record({ path, item: fc.integer({ min: 0, max: 9 }), isRemoval: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.array(path, { maxLength: 5 }), (steps, changed) => {
      const trie = new PathTrie<number>();
      const plain = new Map<string, { path: string; item: number }>();
      for (const { isRemoval, ...place } of steps) {
        const key = JSON.stringify(place);
        if (isRemoval) trie.delete(place.path, place.item);
        else trie.add(place.path, place.item);
        if (isRemoval) plain.delete(key);
        else plain.set(key, place);
      }
      const touches = (read: string): boolean => changed.some((one) => isAtOrBelow(one, read) || isAtOrBelow(read, one));
      const expected = new Set([...plain.values()].filter((place) => touches(place.path)).map(({ item }) => item));
      expect([...trie.touchedBy(changed)].sort()).toEqual([...expected].sort());
      expect(trie.isEmpty).toBe(plain.size === 0);
    }),
    { numRuns: 500 },
  );
});
