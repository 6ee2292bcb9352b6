import { openDatabase } from '@flotilla/persistence';
import { describe, expect, it } from 'vitest';
import { startPostgres } from './postgres.js';
import { testDatabase } from './test-database.js';

async function ask(url: string, sql: string): Promise<unknown[]> {
  const database = openDatabase({ url, maxConnections: 1, applicationName: 'test' });
  try {
    return await database.query(sql);
  } finally {
    await database.close();
  }
}

describe('a PostgreSQL server of a test', () => {
  it('keeps committed rows through a crash and a restart, and is gone after stop', async () => {
    const server = await startPostgres();
    try {
      await ask(server.url, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
      await server.kill('SIGKILL');
      await expect(ask(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'unavailable' });
      await server.restart();
      expect(await ask(server.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    } finally {
      await server.stop();
    }
    await expect(ask(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('gives each caller an empty database of its own on one shared server', async () => {
    const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
    try {
      expect(new URL(one.url).port).toBe(new URL(other.url).port);
      await ask(one.url, 'CREATE TABLE mine (n int)');
      expect(await ask(other.url, `SELECT to_regclass('mine') AS id`)).toEqual([{ id: null }]);
    } finally {
      await Promise.all([one.drop(), other.drop()]);
    }
  });
});
