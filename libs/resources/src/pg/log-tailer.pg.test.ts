import { type Database, migrate, openDatabase } from '@flotilla/persistence';
import { startPostgres, testDatabase, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTEXT, create, freshKind, named, sample, update } from '../contract/sample.js';
import type { ResourceEvent, ResourceStore } from '../resource-store.js';
import { resourcesMigrations } from '../resources-migrations.js';
import { PgResourceStore } from './resource-store.pg.js';

const opened: { close(): Promise<void> }[] = [];
let url: string;
let drop: () => Promise<void>;

beforeAll(async () => {
  const fresh = await testDatabase();
  ({ url, drop } = fresh);
  await migrate(database(), resourcesMigrations);
});

afterAll(async () => {
  for (const thing of opened.reverse()) await thing.close();
  await drop();
});

function database(): Database {
  const made = openDatabase({ url, maxConnections: 6, applicationName: 'test' });
  opened.push(made);
  return made;
}

function storeOf(options: Partial<ConstructorParameters<typeof PgResourceStore>[0]> = {}): PgResourceStore {
  const store = new PgResourceStore({ database: database(), ...options });
  opened.push(store);
  return store;
}

/** Events of a watch as they come. */
function follow(store: ResourceStore, kind: string, resourceVersion: string) {
  const stop = new AbortController();
  const events: ResourceEvent[] = [];
  const ended = (async () => {
    for await (const event of store.watch(kind, { resourceVersion, signal: stop.signal })) events.push(event);
  })();
  return {
    events,
    stop: () => {
      stop.abort();
      return ended;
    },
  };
}

describe('the tailer of the log', () => {
  it('loses nothing for a watcher that is slower than its ring', async () => {
    const store = storeOf({ ringEntries: 4 });
    const kind = freshKind();
    const stop = new AbortController();
    const watching = store
      .watch(kind, { resourceVersion: await store.currentResourceVersion(kind), signal: stop.signal })
      [Symbol.asyncIterator]();
    await create(store, sample(kind, 'n0'));
    const seen = [(await watching.next()).value];
    for (let i = 1; i < 40; i += 1) await create(store, sample(kind, `n${i}`));
    while (seen.length < 40) seen.push((await watching.next()).value);
    stop.abort();
    expect(named(seen as ResourceEvent[])).toEqual(Array.from({ length: 40 }, (_, i) => `ADDED n${i}`));
  });

  it('feeds many watchers from different beginnings the same events', async () => {
    const store = storeOf({ ringEntries: 8 });
    const kind = freshKind();
    const made = await create(store, ...Array.from({ length: 20 }, (_, i) => sample(kind, `n${i}`)));
    const starts = [0, 5, 19].map((i) => made[i]!.metadata.resourceVersion!);
    const watchers = starts.map((start) => follow(store, kind, start));
    await update(store, sample(kind, 'n0', {}, { spec: { size: 2 } }));
    await waitFor('every watcher to see the edit', () => watchers.every(({ events }) => events.at(-1)?.type === 'MODIFIED'));
    expect(watchers.map(({ events }) => events.length)).toEqual([20, 15, 1]);
    for (const { stop } of watchers) await stop();
  });

  it('sees what another process commits, at the next poll or at once when it is woken', async () => {
    const hints: string[][] = [];
    const reader = storeOf({ pollMs: 60_000 });
    const polling = storeOf({ pollMs: 20 });
    const writer = storeOf({
      onCommitted: (kinds) => {
        hints.push([...kinds]);
        reader.wake();
      },
    });
    const kind = freshKind();
    const start = await writer.currentResourceVersion(kind);
    const [woken, polled] = [follow(reader, kind, start), follow(polling, kind, start)];
    await create(writer, sample(kind, 'a'));
    await waitFor('both to see it', () => woken.events.length === 1 && polled.events.length === 1, 5_000);
    expect(hints).toEqual([[kind]]);
    await Promise.all([woken.stop(), polled.stop()]);
  });

  it('ends its watches when the store closes', async () => {
    const store = storeOf();
    const kind = freshKind();
    const { stop } = follow(store, kind, await store.currentResourceVersion(kind));
    await store.close();
    await stop();
  });

  it('goes on where it was after the server crashed and came back', async () => {
    const server = await startPostgres();
    const restarting = openDatabase({ url: server.url, maxConnections: 4, applicationName: 'test' });
    const store = new PgResourceStore({ database: restarting });
    try {
      await migrate(restarting, resourcesMigrations);
      const kind = freshKind();
      const { events, stop } = follow(store, kind, await store.currentResourceVersion(kind));
      await create(store, sample(kind, 'before'));
      await waitFor('the first event', () => events.length === 1);
      await server.kill('SIGKILL');
      await expect(create(store, sample(kind, 'while'))).rejects.toMatchObject({ code: 'unavailable' });
      await server.restart();
      await create(store, sample(kind, 'after'));
      await waitFor('the event after the restart', () => events.length === 2);
      expect(named(events)).toEqual(['ADDED before', 'ADDED after']);
      await stop();
    } finally {
      await store.close();
      await restarting.close();
      await server.stop();
    }
  });
});

describe('transactions over several kinds', () => {
  it('never deadlock on the clocks, whatever order they write in', async () => {
    const store = storeOf();
    const kinds = [freshKind(), freshKind(), freshKind()];
    const write = (i: number) =>
      store.transaction(CONTEXT, async (tx) => {
        const order = i % 2 ? kinds : [...kinds].reverse();
        for (const kind of order) await tx.create(sample(kind, `n${i}`));
      });
    await Promise.all(Array.from({ length: 24 }, (_, i) => write(i)));
    for (const kind of kinds) expect((await store.list(kind)).items).toHaveLength(24);
  });
});
