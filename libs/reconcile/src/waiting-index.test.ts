import { expect, test } from 'vitest';
import { WaitingIndex } from './waiting-index.js';

test('it names who waits for a key, tells what is newly awaited, and forgets who waits for nothing', () => {
  const index = new WaitingIndex();
  expect(index.put('one', ['a', 'b'])).toBe(true);
  expect(index.put('two', ['b'])).toBe(true);
  expect(index.put('one', ['b'])).toBe(false);
  expect([index.of('a'), index.of('b')]).toEqual([[], ['two', 'one']]);
  expect(index.put('one', ['b', 'c'])).toBe(true);
  expect(index.put('one', [])).toBe(false);
  expect([index.of('b'), index.of('c'), index.size]).toEqual([['two'], [], 1]);
});

test('what goes between the look and the waiting is seen by another look', async () => {
  const index = new WaitingIndex();
  const looks: (readonly string[] | undefined)[] = [['a', 'b'], ['b'], undefined];
  expect(await index.settle('one', async () => looks.shift())).toBe(true);
  expect([index.of('a'), index.of('b')]).toEqual([[], ['one']]);
  expect(await index.settle('one', async () => looks.shift())).toBe(false);
  expect(index.size).toBe(0);
  let calls = 0;
  expect(await index.settle('two', async () => [`key-${calls++}`])).toBe(true);
  expect(calls).toBe(5);
});
