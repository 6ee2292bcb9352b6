import { expect, test } from 'vitest';
import { herdReads } from './herd-reads.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Reads that end when they are told to. */
function reads() {
  const open: { keys: readonly number[]; end: (error?: Error) => void }[] = [];
  const herd = herdReads(
    (keys: readonly number[]) =>
      new Promise<string[]>((resolve, reject) => {
        open.push({ keys, end: (error) => (error ? reject(error) : resolve(keys.map((key) => `value ${key}`))) });
      }),
  );
  return { open, load: (...keys: number[]) => Promise.all(keys.map((key) => herd.load(key))) };
}

test('who asks in one turn is one read, and who asks while two are under way is the next one', async () => {
  const { open, load } = reads();
  const first = load(1, 2, 3);
  await turn();
  const second = load(4);
  await turn();
  const late: Promise<string[]>[] = [];
  for (const key of [5, 6, 7, 8]) {
    late.push(load(key));
    await turn();
  }
  expect(open.map(({ keys }) => keys)).toEqual([[1, 2, 3], [4]]);
  open[0]!.end();
  expect(await first).toEqual(['value 1', 'value 2', 'value 3']);
  await turn();
  expect(open.map(({ keys }) => keys)).toEqual([[1, 2, 3], [4], [5, 6, 7, 8]]);
  open[1]!.end();
  open[2]!.end();
  expect((await Promise.all([second, ...late])).flat()).toEqual([4, 5, 6, 7, 8].map((key) => `value ${key}`));
});

test('a read that fails fails whom it was for, and the next one begins', async () => {
  const { open, load } = reads();
  const outcomes: Promise<unknown>[] = [];
  for (const key of [1, 2, 3]) {
    outcomes.push(load(key).catch((error: Error) => error.message));
    await turn();
  }
  open[0]!.end(new Error('away'));
  expect(await outcomes[0]).toBe('away');
  await turn();
  open[1]!.end();
  open[2]!.end();
  expect(await Promise.all(outcomes)).toEqual(['away', ['value 2'], ['value 3']]);
});

test('more than one read may hold are several', async () => {
  const { open, load } = reads();
  const all = load(...Array.from({ length: 1_200 }, (_, i) => i));
  await turn();
  await turn();
  for (const { end } of open.splice(0)) end();
  await turn();
  await turn();
  for (const { keys, end } of open) {
    expect(keys).toHaveLength(200);
    end();
  }
  expect(await all).toHaveLength(1_200);
});
