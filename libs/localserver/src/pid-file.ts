import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isObject } from '@flotilla/kernel';

/** A process that a pid file proves to be ours: same number and same start time, so a reused number never counts. */
export interface OwnProcess {
  pid: number;
  startedAt: string;
}

export function writePidFile(path: string, pid: number): void {
  const startedAt = startTimeOf(pid);
  if (startedAt === undefined) return;
  writeFileSync(`${path}.new`, JSON.stringify({ pid, startedAt }));
  renameSync(`${path}.new`, path);
}

/** The living process a pid file names; undefined when it is gone or another one has its number. */
export function readPidFile(path: string): OwnProcess | undefined {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
  if (!isObject(content) || typeof content.pid !== 'number' || typeof content.startedAt !== 'string') return undefined;
  return startTimeOf(content.pid) === content.startedAt ? { pid: content.pid, startedAt: content.startedAt } : undefined;
}

export function removePidFile(path: string): void {
  rmSync(path, { force: true });
}

/** Something that differs between two processes of one number: the kernel's start tick, or what `ps` prints. */
export function startTimeOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // Field 3 is the state; a zombie has ended. Field 22 is the start time in clock ticks.
      return fields[0] === 'Z' ? undefined : fields[19];
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
