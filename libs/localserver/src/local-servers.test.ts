import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort, readPidFile, SupervisedProcess, startLocalNats, startLocalPostgres, startTimeOf, writePidFile } from './index.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flotilla-localserver-'));
  // PostgreSQL's account must be able to pass through, as through /var/lib/flotilla.
  chmodSync(directory, 0o711);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited 15 s');
    await delay(10);
  }
}

test('PostgreSQL keeps its data and password over a stop and a start', async () => {
  const options = { directory, runDirectory: directory, port: await freePort() };
  const first = await startLocalPostgres(options);
  expect(first.version).toBeGreaterThanOrEqual(15);
  await first.stop();
  const second = await startLocalPostgres(options);
  expect(second.url).toBe(first.url);
  await second.stop();
  expect(readPidFile(join(directory, 'postgres.pid'))).toBeUndefined();
});

test('a server that is killed is started again', async () => {
  const port = await freePort();
  const crashes: string[] = [];
  const nats = await startLocalNats({
    directory,
    runDirectory: directory,
    port,
    configuration: `listen: 127.0.0.1:${port}\n`,
    onCrash: (exit) => crashes.push(exit),
  });
  const pidFile = join(directory, 'nats.pid');
  const before = readPidFile(pidFile)!.pid;
  process.kill(before, 'SIGKILL');
  await until(() => (readPidFile(pidFile)?.pid ?? before) !== before);
  expect(crashes).toEqual(['SIGKILL']);
  await nats.stop();
  expect(startTimeOf(before)).toBeUndefined();
});

test('a process that a killed run left behind is stopped before a new one starts', async () => {
  const options = (command: string) => ({
    name: 'sleeper',
    command,
    args: ['600'],
    cwd: directory,
    logFile: join(directory, 'log'),
    pidFile: join(directory, 'pid'),
    isReady: async () => true,
  });
  const leftover = new SupervisedProcess(options('sleep'));
  await leftover.start();
  const { pid } = readPidFile(join(directory, 'pid'))!;
  const next = new SupervisedProcess(options('sleep'));
  await next.start();
  await until(() => startTimeOf(pid) === undefined);
  await leftover.stop();
  await next.stop();
});

test('a process that ends at its start is an error with its last output', async () => {
  const broken = new SupervisedProcess({
    name: 'broken',
    command: process.execPath,
    args: ['-e', 'console.error("no such option"); process.exit(3)'],
    cwd: directory,
    logFile: join(directory, 'log'),
    pidFile: join(directory, 'pid'),
    isReady: async () => false,
  });
  await expect(broken.start()).rejects.toThrow(/broken ended at its start \(exit code 3\).*\n.*no such option/s);
  expect(readFileSync(join(directory, 'log'), 'utf8')).toContain('no such option');
});

test('a pid file counts only for the process that wrote it', () => {
  const file = join(directory, 'own.pid');
  writePidFile(file, process.pid);
  expect(readPidFile(file)).toEqual({ pid: process.pid, startedAt: startTimeOf(process.pid) });
  writeFileSync(file, JSON.stringify({ pid: process.pid, startedAt: 'another time' }));
  expect(readPidFile(file)).toBeUndefined();
  expect(readPidFile(join(directory, 'missing'))).toBeUndefined();
});
