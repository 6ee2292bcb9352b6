/**
 * A process of its own: `node postgres-watchdog.ts <pid> <directory>`. When process <pid> is gone, by whatever death,
 * it stops the server whose data lies in <directory> and removes the directory. It ends when the directory is gone.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 100;
const STOP_LIMIT_MS = 5_000;

const [watched = '', directory = ''] = process.argv.slice(2);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !isZombie(pid);
}

/** Ended but not collected by its parent, which in a container may never happen; only Linux tells. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function serverPid(): number | undefined {
  try {
    return Number(readFileSync(join(directory, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]) || undefined;
  } catch {
    return undefined;
  }
}

async function stopServer(): Promise<void> {
  const pid = serverPid();
  if (pid === undefined || !isAlive(pid)) return;
  process.kill(pid, 'SIGQUIT');
  for (let waited = 0; waited < STOP_LIMIT_MS && isAlive(pid); waited += POLL_MS) await delay(POLL_MS);
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
}

while (existsSync(directory) && isAlive(Number(watched))) await delay(POLL_MS);
if (existsSync(directory)) {
  await stopServer();
  rmSync(directory, { recursive: true, force: true });
}
