import { systemClock } from '@flotilla/kernel';
import { expect, test } from 'vitest';
import { KeyedQueue } from './keyed-queue.js';
import { silentLog } from './log.js';
import { eventually } from './testing/agent-bench.js';

test('a key named while it is worked on is worked on once more, and never twice at a time', async () => {
  const runs: string[] = [];
  let release: () => void = () => {};
  const queue = new KeyedQueue({
    concurrency: 2,
    clock: systemClock,
    log: silentLog,
    work: async (key) => {
      runs.push(`begin ${key}`);
      if (runs.length === 1) {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      runs.push(`end ${key}`);
      return undefined;
    },
  });
  queue.add('a');
  await eventually('the first run', () => runs.length === 1);
  for (let i = 0; i < 5; i++) queue.add('a');
  queue.add('b');
  await eventually('the other key', () => runs.includes('end b'));
  expect(runs.filter((run) => run === 'begin a')).toHaveLength(1);
  release();
  await eventually('the second run', () => runs.filter((run) => run === 'end a').length === 2);
  await queue.stop();
});

test('a failing key is tried again, and stopping waits for what is under way', async () => {
  let tries = 0;
  const queue = new KeyedQueue({
    concurrency: 1,
    clock: systemClock,
    log: silentLog,
    work: async () => {
      tries++;
      if (tries === 1) throw new Error('unknown');
      return undefined;
    },
  });
  queue.add('a');
  await eventually('the second try', () => tries === 2);
  await queue.stop();
  queue.add('a');
  expect(tries).toBe(2);
});
