import { expect, test } from 'vitest';
import { MemoryRest } from './memory-rest.js';
import { eventually } from './testing/agent-bench.js';

test('memory is given back once after the last thing done, and again after the next', async () => {
  let collections = 0;
  const rest = new MemoryRest(() => {
    collections++;
  }, 20);
  for (let i = 0; i < 5; i++) rest.touched();
  await eventually('the first rest', () => collections === 1);
  rest.touched();
  await eventually('the second rest', () => collections === 2);
  rest.touched();
  rest.stop();
  expect(collections).toBe(2);
});
