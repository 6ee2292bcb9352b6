import { startPostgres, testDatabase } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { openDatabase } from './database.pg.js';

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  const fresh = await testDatabase();
  drop = fresh.drop;
  database = openDatabase({ url: fresh.url, maxConnections: 4, applicationName: 'test', statementTimeoutMs: 300 });
  await database.query('CREATE TABLE things (name text CONSTRAINT things_name PRIMARY KEY, n int NOT NULL DEFAULT 0)');
});

afterAll(async () => {
  await database.close();
  await drop();
});

describe('a database', () => {
  it('commits what a transaction wrote and rolls back what a throw left', async () => {
    await database.transaction((tx) => tx.query('INSERT INTO things (name) VALUES ($1)', ['kept']));
    const failing = database.transaction(async (tx) => {
      await tx.query('INSERT INTO things (name) VALUES ($1)', ['lost']);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await database.query('SELECT name FROM things')).toEqual([{ name: 'kept' }]);
  });

  it('names the constraint of a unique violation', async () => {
    await database.query(`INSERT INTO things (name) VALUES ('twice')`);
    await expect(database.query(`INSERT INTO things (name) VALUES ('twice')`)).rejects.toMatchObject({
      code: 'unique-violation',
      constraint: 'things_name',
    });
  });

  it('does not commit a transaction whose failed statement was swallowed', async () => {
    const swallowing = database.transaction(async (tx) => {
      await tx.query(`INSERT INTO things (name) VALUES ('before')`);
      await tx.query('SELECT nonsense').catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow(/nonsense/);
    expect(await database.query(`SELECT name FROM things WHERE name = 'before'`)).toEqual([]);
  });

  it('surfaces a deadlock as a conflict and a slow statement as unavailable', async () => {
    await database.query(`INSERT INTO things (name) VALUES ('a'), ('b')`);
    let arrived = 0;
    let open: (() => void) | undefined;
    const both = new Promise<void>((resolve) => {
      open = resolve;
    });
    const cross = (first: string, second: string) =>
      database.transaction(async (tx) => {
        await tx.query(`SET LOCAL statement_timeout = 0; SET LOCAL deadlock_timeout = '20ms'`);
        await tx.query('UPDATE things SET n = n + 1 WHERE name = $1', [first]);
        arrived += 1;
        if (arrived === 2) open?.();
        await both;
        await tx.query('UPDATE things SET n = n + 1 WHERE name = $1', [second]);
      });
    const results = await Promise.allSettled([cross('a', 'b'), cross('b', 'a')]);
    const failed = results.filter((result) => result.status === 'rejected');
    expect(failed).toHaveLength(1);
    expect(failed[0]?.reason).toMatchObject({ code: 'conflict', retry: 'reread' });
    await expect(database.query('SELECT pg_sleep(5)')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('never shows the parameters of a failed statement', async () => {
    const error: unknown = await database.query('SELECT $1::int', ['s3cret-x']).catch((thrown: unknown) => thrown);
    expect(Object.keys(error as object)).not.toContain('parameters');
  });
});

describe('a database whose server restarts', () => {
  it('says unavailable while it is away and works again afterwards', async () => {
    const server = await startPostgres();
    const survivor = openDatabase({ url: server.url, maxConnections: 2, applicationName: 'test' });
    try {
      await survivor.query('CREATE TABLE kept (n int)');
      const interrupted = survivor.transaction(async (tx) => {
        await tx.query('INSERT INTO kept VALUES (1)');
        await server.kill('SIGKILL');
        await tx.query('INSERT INTO kept VALUES (2)');
      });
      await expect(interrupted).rejects.toMatchObject({ code: 'unavailable', retry: 'later' });
      await expect(survivor.query('SELECT 1')).rejects.toMatchObject({ code: 'unavailable' });
      await server.restart();
      expect(await survivor.query('SELECT n FROM kept')).toEqual([]);
    } finally {
      await survivor.close();
      await server.stop();
    }
  });
});
