import { ConflictError, UnavailableError } from '@flotilla/kernel';
import { expect, test } from 'vitest';
import type { ClaimedIntent, Outcome } from './claimed-intent.js';
import { WriteOutcomes } from './write-outcomes.js';

const sent = (id: string): Outcome => ({ intent: { id } as ClaimedIntent, at: new Date(0), sent: {}, keys: {} });
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** Writes that the test lets end, and the ids of each. */
class Writes {
  readonly groups: string[][] = [];
  #end: ((error?: Error) => void) | undefined;

  readonly settle = async (outcomes: readonly Outcome[]): Promise<void> => {
    this.groups.push(outcomes.map(({ intent }) => intent.id));
    await new Promise<void>((resolve, reject) => {
      this.#end = (error) => (error ? reject(error) : resolve());
    });
  };

  async end(error?: Error): Promise<void> {
    while (!this.#end) await turn();
    const end = this.#end;
    this.#end = undefined;
    end(error);
  }
}

test('whatever ends while receipts are written is in the next write, however much it is', async () => {
  const writes = new Writes();
  const outcomes = new WriteOutcomes(writes.settle);
  const first = outcomes.write(sent('a'));
  while (writes.groups.length === 0) await turn();
  const later = ['b', 'c', 'd'].map((id) => outcomes.write(sent(id)));
  await writes.end();
  await first;
  await writes.end();
  await Promise.all(later);
  expect(writes.groups).toEqual([['a'], ['b', 'c', 'd']]);
});

test('a receipt that cannot be written is found by halving and stands alone; the others are kept', async () => {
  const kept: string[] = [];
  const outcomes = new WriteOutcomes(async (group) => {
    const ids = group.map(({ intent }) => intent.id);
    if (ids.includes('bad')) throw new ConflictError('no');
    kept.push(...ids);
  });
  const ids = ['a', 'b', 'c', 'bad', 'd', 'e'];
  const written = await Promise.allSettled(ids.map((id) => outcomes.write(sent(id))));
  expect(ids.filter((_, i) => written[i]!.status === 'rejected')).toEqual(['bad']);
  expect(kept.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('a database that is away is asked once for a group, and again for the next', async () => {
  const writes = new Writes();
  const outcomes = new WriteOutcomes(writes.settle);
  const lost = Promise.allSettled(['a', 'b'].map((id) => outcomes.write(sent(id))));
  await writes.end(new UnavailableError('away'));
  expect((await lost).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const next = outcomes.write(sent('c'));
  await writes.end();
  await next;
  expect(writes.groups).toEqual([['a', 'b'], ['c']]);
});
