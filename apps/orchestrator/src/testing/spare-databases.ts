import { type Database, migrate, openDatabase } from '@flotilla/persistence';
import { resourcesMigrations } from '@flotilla/resources';
import { testDatabase } from '@flotilla/testkit';
import { orchestratorSchema } from '../orchestrator.schema.js';

/** A migrated database without a row but those of the migrations. */
export interface Place {
  url: string;
}

/** Databases whose tests are over: to make and migrate one takes longer than most tests. They go with the test server. */
const spare: Place[] = [];

export async function takePlace(): Promise<Place> {
  const known = spare.pop();
  if (known) return known;
  const { url } = await testDatabase();
  const database = openDatabase({ url, applicationName: 'test' });
  for (const migrations of [resourcesMigrations, orchestratorSchema]) await migrate(database, migrations);
  await database.close();
  return { url };
}

/** Empties the database for the next test and closes the connections to it. */
export async function givePlace(place: Place, database: Database): Promise<void> {
  // Without foreign keys for the moment, in whatever order; TRUNCATE would make a new file for each of some thirty small tables.
  await database.query(`DO $$
    DECLARE place text;
    BEGIN
      SET LOCAL session_replication_role = replica;
      FOR place IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname IN ('resources', 'orchestrator') AND tablename NOT IN ('migrations', 'log_floor')
      LOOP EXECUTE 'DELETE FROM ' || place; END LOOP;
      PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
        WHERE schemaname IN ('resources', 'orchestrator');
      UPDATE resources.log_floor SET at = '-infinity';
    END $$`);
  await database.close();
  spare.push(place);
}
