import { expect, test } from 'vitest';
import { ResponseCache } from './response-cache.js';

const answer = (bytes: number) => ({ etag: '"x"', headers: {}, body: Buffer.alloc(bytes) });

test('the least recently used answers go first, and a large one is not kept', () => {
  const cache = new ResponseCache(20_000);
  const first = answer(3_900);
  cache.set('a', first);
  for (const key of ['b', 'c', 'd']) cache.set(key, answer(3_900));
  // Read, so that it is the last to go.
  expect(cache.get('a')).toBe(first);
  cache.set('e', answer(3_900));
  expect(['a', 'b', 'c', 'd', 'e'].filter((key) => cache.get(key))).toEqual(['a', 'c', 'd', 'e']);
  cache.set('f', answer(5_000));
  expect(cache.get('f')).toBeUndefined();
  cache.set('a', answer(10));
  expect(cache.bytes).toBeLessThanOrEqual(20_000);
  for (const key of ['a', 'c', 'd', 'e']) cache.delete(key);
  expect(cache.bytes).toBe(0);
});
