import { ManualClock } from '@flotilla/kernel';
import { type Database, migrate, openDatabase } from '@flotilla/persistence';
import { silentLogger } from '@flotilla/telemetry';
import { type TestDatabase, testDatabase } from '@flotilla/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { orchestratorSchema } from '../orchestrator.schema.js';
import { type DoWork, WorkRunner } from './run-work.js';
import { PgWorkQueue } from './work-queue.pg.js';

let test_: TestDatabase;
let database: Database;
let queue: PgWorkQueue;
const clock = new ManualClock();
beforeAll(async () => {
  test_ = await testDatabase();
  database = openDatabase({ url: test_.url, applicationName: 'test' });
  await migrate(database, orchestratorSchema);
  queue = new PgWorkQueue(database);
});
beforeEach(async () => void (await database.query('DELETE FROM orchestrator.work')));
afterAll(async () => {
  await database.close();
  await test_.drop();
});

const runner = (work: DoWork, batch = 10) => new WorkRunner(queue, [{ kind: 'unit', batch, parallel: 2, work }], clock, silentLogger);

describe('due work', () => {
  test('is taken by one copy only, also when both look at once', async () => {
    const seen: string[] = [];
    const work: DoWork = async (keys) => void seen.push(...keys);
    await queue.add(
      'unit',
      Array.from({ length: 50 }, (_, i) => `k${i}`),
      clock.now(),
    );
    await Promise.all([runner(work, 5).drain(), runner(work, 5).drain()]);
    expect(seen.sort()).toEqual([...new Set(seen)].sort());
    expect(seen).toHaveLength(50);
  });

  test('of a copy that died is taken again when its lease is over', async () => {
    await queue.add('unit', ['k'], clock.now());
    await queue.claim('unit', 1, clock.now(), 6_000);
    const seen: string[] = [];
    const other = runner(async (keys) => void seen.push(...keys));
    await other.drain();
    expect(seen).toEqual([]);
    clock.advance(6_000);
    await other.drain();
    expect(seen).toEqual(['k']);
  });

  test('that is named again while it is worked on is done again, when that said', async () => {
    let times = 0;
    await queue.add('unit', ['k'], clock.now());
    const again = runner(async () => {
      if (times++ === 0) await queue.add('unit', ['k'], clock.now() + 1_000);
      return undefined;
    });
    await again.drain();
    expect(times).toBe(1);
    clock.advance(1_000);
    await again.drain();
    expect(times).toBe(2);
  });

  test('with one bad key does the others and tries that one again later', async () => {
    const seen: string[] = [];
    await queue.add('unit', ['a', 'bad', 'c'], clock.now());
    const picky = runner(async (keys) => {
      if (keys.includes('bad')) throw new Error('no');
      seen.push(...keys);
      return undefined;
    });
    await picky.drain();
    expect(seen.sort()).toEqual(['a', 'c']);
    expect((await database.query('SELECT key FROM orchestrator.work')).map(({ key }) => key)).toEqual(['bad']);
  });
});
