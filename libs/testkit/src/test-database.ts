import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { UnavailableError } from '@flotilla/kernel';
import { type Database, openDatabase } from '@flotilla/persistence';
import { startPostgres, watchOver } from './postgres.js';

const SHARED_START_LIMIT_MS = 30_000;
const POLL_MS = 20;

/** An empty database for one test file: tests that each have their own run side by side. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

let shared: Promise<string> | undefined;

/** Makes a database on the server that all test files of this process share; the first caller starts it. */
export async function testDatabase(): Promise<TestDatabase> {
  shared ??= sharedServer();
  const server = await shared;
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function onServer(url: string, sql: string): Promise<void> {
  const database: Database = openDatabase({ url, maxConnections: 1, applicationName: 'testkit' });
  try {
    await database.query(sql);
  } finally {
    await database.close();
  }
}

/**
 * Test files may run in worker threads of one process, which share nothing but its id: a directory named by it is the
 * lock for the first to start a server and the place where the others read its address. The server outlives the
 * thread that started it and ends with the process.
 */
async function sharedServer(): Promise<string> {
  const directory = join(tmpdir(), `flotilla-testkit-${process.pid}`);
  const file = join(directory, 'url');
  if (await claim(directory)) return publish(directory, file);
  for (let waited = 0; waited < SHARED_START_LIMIT_MS; waited += POLL_MS) {
    const url = await readFile(file, 'utf8').catch(() => undefined);
    if (url !== undefined && (await answers(url))) return url;
    if (url !== undefined) {
      // A process that had this id before left it behind.
      await rm(directory, { recursive: true, force: true });
      return sharedServer();
    }
    await delay(POLL_MS);
  }
  throw new UnavailableError(`another thread of this process did not start PostgreSQL within ${SHARED_START_LIMIT_MS} ms (${directory})`);
}

async function claim(directory: string): Promise<boolean> {
  try {
    await mkdir(directory);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function publish(directory: string, file: string): Promise<string> {
  watchOver(directory);
  try {
    const { url } = await startPostgres();
    await writeFile(`${file}.part`, url);
    await rename(`${file}.part`, file);
    return url;
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function answers(url: string): Promise<boolean> {
  return onServer(url, 'SELECT 1').then(
    () => true,
    () => false,
  );
}
