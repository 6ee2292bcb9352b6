import { expect, test } from 'vitest';
import { limiter } from './limiter.js';

test('no more run at once than may, the others in the order they came, and a failure gives its place to the next', async () => {
  const limit = limiter(2);
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 6 }, (_, i) =>
      limit(async () => {
        order.push(i);
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        if (i % 2 === 0) throw new Error('no');
        return i;
      }),
    ),
  );
  expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  expect(most).toBe(2);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
});
