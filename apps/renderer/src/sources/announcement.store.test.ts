import { type Database, migrate, openDatabase } from '@flotilla/persistence';
import { type TestDatabase, testDatabase } from '@flotilla/testkit';
import { afterAll, beforeAll, describe } from 'vitest';
import { rendererSchema } from '../renderer.schema.js';
import { describeAnnouncementStore } from './announcement.store.contract.js';
import { FakeAnnouncementStore } from './announcement.store.fake.js';
import { PgAnnouncementStore } from './announcement.store.pg.js';

describe('in memory', () => describeAnnouncementStore(async () => new FakeAnnouncementStore()));

describe('in PostgreSQL', () => {
  let fresh: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    fresh = await testDatabase();
    database = openDatabase({ url: fresh.url, maxConnections: 4, applicationName: 'test' });
    await migrate(database, rendererSchema);
  });
  afterAll(async () => {
    await database.close();
    await fresh.drop();
  });

  describeAnnouncementStore(async () => {
    await database.query('DELETE FROM renderer.announcements');
    return new PgAnnouncementStore(database);
  });
});
