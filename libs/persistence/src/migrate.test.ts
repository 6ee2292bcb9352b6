import { testDatabase } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { openDatabase } from './database.pg.js';
import { migrate } from './migrate.js';

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  const fresh = await testDatabase();
  drop = fresh.drop;
  database = openDatabase({ url: fresh.url, maxConnections: 8, applicationName: 'test' });
});

afterAll(async () => {
  await database.close();
  await drop();
});

const one = { name: '1-create', sql: 'CREATE TABLE fleet.ships (name text); CREATE INDEX ON fleet.ships (name)' };
const two = { name: '2-add', sql: 'ALTER TABLE fleet.ships ADD COLUMN masts int' };

describe('migrations of a schema', () => {
  it('run once each, in order, however many processes start at the same time', async () => {
    await Promise.all(Array.from({ length: 6 }, () => migrate(database, { schema: 'fleet', migrations: [one] })));
    await migrate(database, { schema: 'fleet', migrations: [one, two] });
    expect(await database.query('SELECT position, name FROM fleet.migrations ORDER BY position')).toEqual([
      { position: 0, name: '1-create' },
      { position: 1, name: '2-add' },
    ]);
    await database.query(`INSERT INTO fleet.ships (name, masts) VALUES ('Batavia', 3)`);
  });

  it('are refused when the text of an applied one changed', async () => {
    await migrate(database, { schema: 'fleet', migrations: [one, two] });
    const changed = { schema: 'fleet', migrations: [one, { ...two, sql: `${two.sql} NOT NULL` }] };
    await expect(migrate(database, changed)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('are refused by an older program than the one that applied them', async () => {
    await expect(migrate(database, { schema: 'fleet', migrations: [one] })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('leave nothing of one that fails half way', async () => {
    const broken = { name: '1-broken', sql: 'CREATE TABLE broken.left_over (n int); SELECT nonsense' };
    await expect(migrate(database, { schema: 'broken', migrations: [broken] })).rejects.toThrow(/nonsense/);
    expect(await database.query(`SELECT to_regclass('broken.left_over') AS id`)).toEqual([{ id: null }]);
  });
});
