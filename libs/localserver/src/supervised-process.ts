import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { UnavailableError } from '@flotilla/kernel';
import { readPidFile, removePidFile, startTimeOf, writePidFile } from './pid-file.js';

export interface ProcessOptions {
  name: string;
  command: string;
  args: readonly string[];
  cwd: string;
  env?: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
  /** Rotated once at MAX_LOG_BYTES when the process starts. */
  logFile: string;
  pidFile: string;
  /** Lays out what the process needs on disk; runs before every start, as somebody may have wiped it meanwhile. */
  prepare?(): void;
  /** Resolves when the server answers; asked until it does or the process ends. */
  isReady(): Promise<boolean>;
  /** Signal for an orderly stop. */
  stopSignal?: NodeJS.Signals;
  /** Told when the process ended although nobody stopped it, before it is started again. */
  onCrash?(exit: string): void;
}

const MAX_LOG_BYTES = 10 * 1024 * 1024;
const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const RESTART_BACKOFF_MS = [100, 250, 500, 1_000, 2_000, 5_000];
/** A process that ran this long before it ended starts the backoff anew. */
const STABLE_AFTER_MS = 30_000;

/** A server process of ours that is started, watched, started again when it ends by itself, and stopped with us. */
export class SupervisedProcess {
  readonly #options: ProcessOptions;
  #child: ChildProcess | undefined;
  #stopping = false;
  #restarts = 0;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /** Stops what a former run left behind, starts the process and waits until it answers. */
  async start(): Promise<void> {
    this.#stopping = false;
    await stopLeftover(this.#options.pidFile, this.#options.stopSignal ?? 'SIGTERM');
    await this.#launch();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill(this.#options.stopSignal ?? 'SIGTERM');
      await gone(child.pid, startTimeOf(child.pid), STOP_TIMEOUT_MS);
    }
    removePidFile(this.#options.pidFile);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async #launch(): Promise<void> {
    const { name, command, args, cwd, env, uid, gid, logFile, pidFile } = this.#options;
    this.#options.prepare?.();
    rotate(logFile);
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(command, args, { cwd, env: env ?? process.env, uid, gid, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    const startedAt = Date.now();
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
      child.once('error', (error) => resolve(error.message));
    });
    if (child.pid !== undefined) writePidFile(pidFile, child.pid);
    await this.#untilReady(ended, name, logFile);
    void ended.then((exit) => this.#restart(exit, startedAt));
  }

  async #untilReady(ended: Promise<string>, name: string, logFile: string): Promise<void> {
    const until = Date.now() + READY_TIMEOUT_MS;
    let exit: string | undefined;
    void ended.then((reason) => {
      exit = reason;
    });
    for (;;) {
      if (exit !== undefined)
        throw new UnavailableError(`${name} ended at its start (${exit}); last lines of ${logFile}:\n${lastLines(logFile)}`);
      if (await this.#options.isReady().catch(() => false)) return;
      if (Date.now() > until) throw new UnavailableError(`${name} did not answer within ${READY_TIMEOUT_MS / 1000} s; see ${logFile}`);
      await delay(20);
    }
  }

  async #restart(exit: string, startedAt: number): Promise<void> {
    if (this.#stopping) return;
    this.#options.onCrash?.(exit);
    if (Date.now() - startedAt > STABLE_AFTER_MS) this.#restarts = 0;
    for (;;) {
      await delay(RESTART_BACKOFF_MS[Math.min(this.#restarts++, RESTART_BACKOFF_MS.length - 1)]);
      if (this.#stopping) return;
      try {
        await this.#launch();
        return;
      } catch (error) {
        this.#options.onCrash?.(String(error));
      }
    }
  }
}

/** Ends the process that a pid file proves to be ours, if it still lives. */
export async function stopLeftover(pidFile: string, signal: NodeJS.Signals): Promise<void> {
  const leftover = readPidFile(pidFile);
  if (leftover) {
    process.kill(leftover.pid, signal);
    await gone(leftover.pid, leftover.startedAt, STOP_TIMEOUT_MS);
  }
  removePidFile(pidFile);
}

async function gone(pid: number, startedAt: string | undefined, graceMs: number): Promise<void> {
  const until = Date.now() + graceMs;
  while (startedAt !== undefined && startTimeOf(pid) === startedAt) {
    if (Date.now() > until) process.kill(pid, 'SIGKILL');
    await delay(10);
  }
}

function rotate(logFile: string): void {
  try {
    if (statSync(logFile).size > MAX_LOG_BYTES) renameSync(logFile, `${logFile}.1`);
  } catch {
    // No log yet.
  }
}

function lastLines(logFile: string): string {
  return readFileSync(logFile, 'utf8').slice(-4_000).trim().split('\n').slice(-10).join('\n');
}
