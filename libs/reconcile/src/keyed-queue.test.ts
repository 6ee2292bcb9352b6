import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock } from '@flotilla/kernel';
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.js';
import { KeyedQueue, type KeyedQueueOptions } from './keyed-queue.js';
import { again, done, type Outcome, stalled } from './outcome.js';

/** A reconcile that is held open until the test lets it go. */
function gated() {
  const started: string[] = [];
  const gates = new Map<string, ((outcome: Outcome) => void)[]>();
  const reconcile = (key: string): Promise<Outcome> => {
    started.push(key);
    return new Promise((resolve) => gates.set(key, [...(gates.get(key) ?? []), resolve]));
  };
  const finish = async (key: string, outcome: Outcome = done) => {
    gates.get(key)?.shift()?.(outcome);
    await turn();
  };
  return { started, reconcile, finish };
}

function queueOf(options: Partial<KeyedQueueOptions> & Pick<KeyedQueueOptions, 'reconcile'>) {
  const clock = new ManualClock();
  const failures: string[] = [];
  const queue = new KeyedQueue({
    clock,
    random: () => 1,
    onFailure: (key, error, count) => failures.push(`${key} ${error instanceof Error ? error.message : error} ${count}`),
    ...options,
  });
  const advance = async (ms: number) => {
    clock.advance(ms);
    await turn();
  };
  return { queue, clock, failures, advance };
}

describe('a keyed queue', () => {
  it('works on a key once however often it was named while it waited', async () => {
    const { started, reconcile, finish } = gated();
    const { queue } = queueOf({ reconcile, concurrency: 1 });
    for (const key of ['a', 'b', 'b', 'a', 'b']) queue.add(key);
    await turn();
    expect(started).toEqual(['a']);
    await finish('a');
    await finish('b');
    await finish('a');
    expect(started).toEqual(['a', 'b', 'a']);
    await queue.drain();
  });

  it('never has two workers on one key, and works on it again when it was named meanwhile', async () => {
    const { started, reconcile, finish } = gated();
    const { queue } = queueOf({ reconcile, concurrency: 4 });
    queue.add('a');
    await turn();
    queue.add('a');
    await turn();
    expect(started).toEqual(['a']);
    await finish('a');
    expect(started).toEqual(['a', 'a']);
    await finish('a');
    expect(queue.size).toBe(0);
  });

  it('runs as many keys at the same time as it may', async () => {
    const { started, reconcile, finish } = gated();
    const { queue } = queueOf({ reconcile, concurrency: 2 });
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await turn();
    expect(started).toEqual(['a', 'b']);
    await finish('b');
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('comes back to a key after the time its outcome asked for, or sooner when it is named', async () => {
    const runs: number[] = [];
    const { queue, clock, advance } = queueOf({
      reconcile: async () => {
        runs.push(clock.now() - start);
        return again(1000);
      },
    });
    const start = clock.now();
    queue.add('a');
    await turn();
    await advance(999);
    expect(runs).toEqual([0]);
    await advance(1);
    expect(runs).toEqual([0, 1000]);
    await advance(400);
    queue.add('a');
    await turn();
    await advance(600);
    expect(runs).toEqual([0, 1000, 1400]);
    await advance(400);
    expect(runs).toEqual([0, 1000, 1400, 2400]);
  });

  it('backs off longer with each throw in a row and starts over after a success', async () => {
    let mode: 'throw' | 'done' = 'throw';
    const runs: number[] = [];
    const { queue, clock, failures, advance } = queueOf({
      backoff: { firstMs: 100, maxMs: 300 },
      reconcile: async () => {
        runs.push(clock.now());
        if (mode === 'throw') throw new Error('away');
        return done;
      },
    });
    const start = clock.now();
    queue.add('a');
    await turn();
    for (let i = 0; i < 80; i += 1) await advance(10);
    expect(runs.map((at) => at - start)).toEqual([0, 100, 300, 600]);
    expect(failures).toEqual(['a away 1', 'a away 2', 'a away 3', 'a away 4']);
    mode = 'done';
    await advance(100);
    mode = 'throw';
    queue.add('a');
    await turn();
    expect(failures.at(-1)).toBe('a away 1');
  });

  it('leaves a stalled key alone until it is named anew', async () => {
    let runs = 0;
    const { queue, failures, advance } = queueOf({
      reconcile: async () => {
        runs += 1;
        return stalled(new Error('bad input'));
      },
    });
    queue.add('a');
    await turn();
    await advance(3_600_000);
    expect(runs).toBe(1);
    expect(failures).toEqual(['a bad input 0']);
    queue.add('a');
    await turn();
    expect(runs).toBe(2);
  });

  it('refuses a key over its bound and takes those it already holds', async () => {
    const { reconcile } = gated();
    const { queue } = queueOf({ reconcile, concurrency: 1, maxKeys: 2 });
    expect([queue.add('a'), queue.add('b'), queue.add('c'), queue.add('a'), queue.add('b')]).toEqual([true, true, false, true, true]);
    expect(queue.size).toBe(2);
  });

  it('puts a key off until its time, and one that is put off later keeps the earlier time', async () => {
    const { started, reconcile } = gated();
    const { queue, advance } = queueOf({ reconcile });
    queue.addAfter('late', 300);
    queue.addAfter('early', 100);
    queue.addAfter('early', 900);
    await advance(100);
    expect(started).toEqual(['early']);
    await advance(200);
    expect(started).toEqual(['early', 'late']);
  });

  it('drains without waiting for keys that are delayed', async () => {
    const { queue } = queueOf({ reconcile: async () => again(60_000) });
    queue.add('a');
    await queue.drain();
    expect(queue.size).toBe(1);
  });

  it('stops: nothing new starts, what runs may end, and after the grace is told to', async () => {
    const started: string[] = [];
    const { queue, advance } = queueOf({
      concurrency: 1,
      reconcile: (key, signal) => {
        started.push(key);
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('told to end'))));
      },
    });
    queue.add('a');
    queue.add('b');
    await turn();
    let isStopped = false;
    const stopping = queue.stop(500).then(() => {
      isStopped = true;
    });
    await advance(499);
    expect(isStopped).toBe(false);
    await advance(1);
    await stopping;
    expect(started).toEqual(['a']);
    expect(queue.add('c')).toBe(false);
  });

  it('works off many delayed keys in the order of their times', async () => {
    const { started, reconcile } = gated();
    const { queue, advance } = queueOf({ reconcile, concurrency: 1000 });
    const times = Array.from({ length: 200 }, (_, i) => (i * 7919) % 1009);
    for (const [i, ms] of times.entries()) queue.addAfter(`k${i}`, ms);
    for (let i = 0; i < 1010; i += 1) await advance(1);
    const order = times.map((ms, i) => ({ ms, key: `k${i}` })).sort((a, b) => a.ms - b.ms);
    expect(started.map((key) => times[Number(key.slice(1))])).toEqual(order.map(({ ms }) => ms));
  });
});

describe('the backoff', () => {
  it('doubles up to its limit and leaves half of it to chance', () => {
    const backoff = { firstMs: 100, maxMs: 1000 };
    expect([1, 2, 3, 4, 5, 99].map((failures) => backoffMs(backoff, failures, 1))).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(backoffMs(backoff, 3, 0)).toBe(200);
  });
});
