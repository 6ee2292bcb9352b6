import { type Database, migrate, openDatabase } from '@flotilla/persistence';
import { testDatabase } from '@flotilla/testkit';
import { afterAll, beforeAll, describe } from 'vitest';
import { rendererSchema } from '../renderer.schema.js';
import { describeRenderCacheStore } from './render-cache.store.contract.js';
import { PgRenderCacheStore } from './render-cache.store.pg.js';

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  const fresh = await testDatabase();
  drop = fresh.drop;
  database = openDatabase({ url: fresh.url, maxConnections: 4, applicationName: 'test' });
  await migrate(database, rendererSchema);
});
afterAll(async () => {
  await database.close();
  await drop();
});

describe('in PostgreSQL', () =>
  describeRenderCacheStore(async () => {
    await database.query('DELETE FROM renderer.renders');
    return new PgRenderCacheStore(database);
  }));
