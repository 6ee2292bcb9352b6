import { systemClock } from '@flotilla/kernel';
import { testDatabase, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { openDatabase } from './database.pg.js';
import { holdLease } from './hold-lease.js';
import { LeaseStore, leaseMigrations } from './lease-store.js';
import { migrate } from './migrate.js';

const LONG_MS = 60_000;

let database: Database;
let drop: () => Promise<void>;
let leases: LeaseStore;

beforeAll(async () => {
  const fresh = await testDatabase();
  drop = fresh.drop;
  database = openDatabase({ url: fresh.url, maxConnections: 8, applicationName: 'test' });
  await migrate(database, leaseMigrations);
  leases = new LeaseStore(database);
});

afterAll(async () => {
  await database.close();
  await drop();
});

describe('a lease', () => {
  it('goes to one of several that ask at the same time', async () => {
    const asked = await Promise.all(Array.from({ length: 8 }, (_, i) => leases.acquire('one', `process-${i}`, LONG_MS)));
    expect(asked.filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  it('passes on after release with a higher fence, and the earlier holder can neither renew nor act', async () => {
    const first = await leases.acquire('passed', 'a', LONG_MS);
    expect(await leases.acquire('passed', 'b', LONG_MS)).toBeUndefined();
    await leases.release(first!);
    const second = await leases.acquire('passed', 'b', LONG_MS);
    expect(second?.fence).toBeGreaterThan(first!.fence);
    expect(await leases.renew(first!, LONG_MS)).toBe(false);
    await expect(database.transaction((tx) => leases.assertHeld(tx, first!))).rejects.toMatchObject({ code: 'conflict' });
    await database.transaction((tx) => leases.assertHeld(tx, second!));
  });

  it('is free for the next one once it expired', async () => {
    const dead = await leases.acquire('expired', 'dead', 1);
    const next = await waitFor('the lease to expire', () => leases.acquire('expired', 'next', LONG_MS));
    expect(next.fence).toBe(dead!.fence + 1);
    expect(await leases.renew(dead!, LONG_MS)).toBe(false);
  });

  it('keeps singletons apart and hands over when the holder stops', async () => {
    const running = new Set<string>();
    const seen: string[] = [];
    let overlaps = 0;
    const start = (holder: string, stop: AbortController) =>
      holdLease(
        { store: leases, name: 'singleton', holder, ttlMs: 90, clock: systemClock, signal: stop.signal },
        async (_lease, signal) => {
          overlaps += running.size;
          running.add(holder);
          seen.push(holder);
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
          running.delete(holder);
        },
      );
    const stops = [new AbortController(), new AbortController()];
    const holders = [start('a', stops[0]!), start('b', stops[1]!)];
    const first = await waitFor('a holder', () => [...running][0]);
    stops[first === 'a' ? 0 : 1]!.abort();
    await waitFor('the other to take over', () => seen.some((holder) => holder !== first));
    for (const stop of stops) stop.abort();
    await Promise.all(holders);
    expect(overlaps).toBe(0);
  });
});
