import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Launcher } from './launcher.js';
import type { ProcessCommand } from './spawn-process.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flotilla-launcher-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const shell = (script: string): ProcessCommand => ({
  file: '/bin/sh',
  argv: ['-c', script],
  cwd: directory,
  env: { PATH: '/usr/bin:/bin' },
  wallMs: 30_000,
  outputBytes: 1_000_000,
  errorBytes: 1_000,
});
const parentOf = async (launcher: Launcher): Promise<number> => Number((await launcher.run(shell('echo $PPID'))).stdout.toString());
/** Says its parent once the file is there. */
const waiting = (file: string) => shell(`echo $$ > pid; while [ ! -e ${file} ]; do sleep 0.02; done; echo $PPID`);

async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !isSo(); await delay(10)) if (Date.now() > deadline) throw new Error('not in time');
}
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('programs are children of one small process, whoever asks', async () => {
  const launcher = new Launcher();
  const [one, two] = await Promise.all([parentOf(launcher), parentOf(launcher)]);
  expect(one).toBe(two);
  expect(one).not.toBe(process.pid);
});

test('bytes go in and come out as they are', async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const { stdout, code } = await new Launcher().run({ ...shell('cat'), stdin: bytes });
  expect([code, stdout]).toEqual([0, bytes]);
});

test('what was asked of a launcher that dies is run all the same, and the next command has another one', async () => {
  const launcher = new Launcher();
  const first = await parentOf(launcher);
  const asked = launcher.run(waiting('go'));
  await until(() => existsSync(join(directory, 'pid')));
  process.kill(first, 'SIGKILL');
  writeFileSync(join(directory, 'go'), '');
  expect(Number((await asked).stdout.toString())).toBe(process.pid);
  expect([first, process.pid]).not.toContain(await parentOf(launcher));
});

test('it ends with its parent and takes along what runs', async () => {
  const main = fileURLToPath(new URL('./launcher-main.ts', import.meta.url));
  const child = fork(main, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.send({ id: 1, command: waiting('never') });
  await until(() => existsSync(join(directory, 'pid')) && readFileSync(join(directory, 'pid'), 'utf8').endsWith('\n'));
  const program = Number(readFileSync(join(directory, 'pid'), 'utf8'));
  child.disconnect();
  await until(() => child.exitCode !== null && !isAlive(program));
  expect(child.exitCode).toBe(0);
});
