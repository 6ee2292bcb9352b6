import { ManualClock } from '@flotilla/kernel';
import { migrate, openDatabase } from '@flotilla/persistence';
import { testDatabase } from '@flotilla/testkit';
import { describe } from 'vitest';
import { describeResourceStore } from '../resource-store.contract.js';
import { resourcesMigrations } from '../resources-migrations.js';
import { PgApplicationStatusWriter } from './application-status.pg.js';
import { LogRetention } from './log-retention.pg.js';
import { PgResourceStore } from './resource-store.pg.js';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('the store over PostgreSQL', () => {
  describeResourceStore(async () => {
    const fresh = await testDatabase();
    const database = openDatabase({ url: fresh.url, maxConnections: 16, applicationName: 'test' });
    await migrate(database, resourcesMigrations);
    const store = new PgResourceStore({ database });
    return {
      store,
      statuses: new PgApplicationStatusWriter(database, (kinds) => store.committed(kinds)),
      forgetLog: async () => {
        // The day's partition is made, then looked at from a time when it is too old; what comes after it goes to the default one.
        await new LogRetention({ database, clock: new ManualClock(Date.now()) }).run();
        await new LogRetention({ database, clock: new ManualClock(Date.now() + 9 * DAY_MS) }).run();
        await database.query('UPDATE resources.log_floor SET at = clock_timestamp()');
      },
      close: async () => {
        await store.close();
        await database.close();
        await fresh.drop();
      },
    };
  });
});
