import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

export interface ProcessCommand {
  file: string;
  argv: readonly string[];
  cwd: string;
  /** The whole environment: nothing is inherited. */
  env: Readonly<Record<string, string>>;
  stdin?: string | Uint8Array;
  wallMs: number;
  outputBytes: number;
  errorBytes: number;
  signal?: AbortSignal;
}

/** How a run ended: by itself, or by the bound or caller that ended it; `missing`: the program could not be started. */
export type ProcessEnd = 'exited' | 'wall' | 'output' | 'aborted' | 'missing';

export interface ProcessResult {
  end: ProcessEnd;
  /** Exit code; null when a signal ended it. */
  code: number | null;
  stdout: Buffer;
  /** UTF-8, cut at the limit. */
  stderr: string;
  durationMs: number;
}

/**
 * Runs one program without a shell in a process group of its own and always settles with how it ended. Every bound kills
 * the whole group, so that nothing it started stays behind.
 */
export function spawnProcess(command: ProcessCommand): Promise<ProcessResult> {
  const started = performance.now();
  const child = spawn(command.file, command.argv, {
    cwd: command.cwd,
    env: { ...command.env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const sizes = { stdout: 0, stderr: 0 };
  let end: ProcessEnd = 'exited';
  const stop = (why: ProcessEnd) => {
    if (end === 'exited') end = why;
    killGroup(child);
  };

  child.stdout.on('data', (chunk: Buffer) => {
    sizes.stdout += chunk.length;
    if (sizes.stdout > command.outputBytes) stop('output');
    else stdout.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    const room = command.errorBytes - sizes.stderr;
    if (room > 0) stderr.push(chunk.subarray(0, room));
    sizes.stderr += chunk.length;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(command.stdin);

  const timer = setTimeout(() => stop('wall'), command.wallMs);
  const onAbort = () => stop('aborted');
  if (command.signal?.aborted) onAbort();
  command.signal?.addEventListener('abort', onAbort);

  return new Promise((resolve) => {
    const settle = (code: number | null, how: ProcessEnd) => {
      clearTimeout(timer);
      command.signal?.removeEventListener('abort', onAbort);
      killGroup(child);
      resolve({
        end: how,
        code,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
        durationMs: performance.now() - started,
      });
    };
    child.on('error', () => settle(null, 'missing'));
    child.on('close', (code) => settle(code, end));
    // A grandchild in another group may hold the pipes open: what the program itself wrote is there by then.
    child.on('exit', () => {
      killGroup(child);
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, PIPE_GRACE_MS).unref();
    });
  });
}

/** How long the pipes are read after the program itself is gone. */
const PIPE_GRACE_MS = 2000;

function killGroup(child: ChildProcessByStdio<Writable, Readable, Readable>): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // ESRCH: the group is gone already, which is what was wanted.
  }
}
