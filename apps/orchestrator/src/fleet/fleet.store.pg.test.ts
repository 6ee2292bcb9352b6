import { type Database, migrate, openDatabase } from '@flotilla/persistence';
import { type TestDatabase, testDatabase } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orchestratorSchema } from '../orchestrator.schema.js';
import { PgFleetStore } from './fleet.store.pg.js';

let place: TestDatabase;
let database: Database;
let fleet: PgFleetStore;

beforeAll(async () => {
  place = await testDatabase();
  database = openDatabase({ url: place.url, maxConnections: 4, applicationName: 'test' });
  await migrate(database, orchestratorSchema);
  fleet = new PgFleetStore(database);
});
afterAll(async () => {
  await database?.close();
  await place?.drop();
});

test('a document of a cluster that was read earlier and is written later does not take its row back', async () => {
  const document = (rv: string, phase: string) =>
    ({ cluster: 'one', server: 'https://one', isLocal: false, labels: {}, phase, session: 1, rv }) as const;
  const phase = async () => (await database.query('SELECT phase FROM orchestrator.clusters'))[0]?.phase;
  await fleet.saveCluster(document('9', 'Connected'), 1);
  await fleet.saveCluster(document('8', 'Unknown'), 2);
  expect(await phase()).toBe('Connected');
  await fleet.saveCluster(document('10', 'Unknown'), 3);
  expect(await phase()).toBe('Unknown');
});

test('nor does that of a Git source', async () => {
  const source = (revision: string) => ({ repoURL: 'https://git.example.com/a', ref: 'main', revision });
  const revision = async () => (await fleet.revisions([{ repoURL: 'https://git.example.com/a', ref: 'main' }]))[0]?.revision;
  await fleet.saveGitSource('a', source('new'), '9', 1);
  await fleet.saveGitSource('a', source('old'), '8', 2);
  expect(await revision()).toBe('new');
  await fleet.saveGitSource('a', source('old'), '10', 3);
  expect(await revision()).toBe('old');
});
