import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Polls until `ready` is truthy; throws with `what` after `timeoutMs`. Errors of `ready` count as not yet. */
export async function waitFor<T>(what: string, ready: () => Promise<T> | T, timeoutMs = 30_000, everyMs = 20): Promise<NonNullable<T>> {
  const until = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await ready();
      if (value) return value as NonNullable<T>;
    } catch (error) {
      last = error;
    }
    if (Date.now() > until) throw new Error(`waited ${timeoutMs} ms for ${what}${last ? `: ${String(last)}` : ''}`);
    await delay(everyMs);
  }
}

/** Lines of output kept for an error message. */
const TAIL_LINES = 40;

const running = new Set<ChildProcess>();
let isWatchingExit = false;

/** Kills a child when this process ends; one listener serves all of them. */
function killOnExit(child: ChildProcess): () => void {
  if (!isWatchingExit) {
    isWatchingExit = true;
    process.once('exit', () => {
      for (const left of running) left.kill('SIGKILL');
    });
  }
  running.add(child);
  return () => running.delete(child);
}

const SETPRIV = '/usr/bin/setpriv';

/** Linux can end a child with the thread that started it, which also holds when that is killed and no listener runs. */
function dyingWithParent(): string[] {
  return process.platform === 'linux' && existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', '--'] : [];
}

/** A server process of a test: its last output is in every error, and it dies with this process. */
export class Child {
  readonly process: ChildProcess;
  readonly #tail: string[] = [];
  readonly #exited: Promise<void>;

  constructor(
    command: string,
    args: readonly string[],
    options: { env?: NodeJS.ProcessEnv; cwd?: string; uid?: number; gid?: number } = {},
  ) {
    const [program = command, ...rest] = [...dyingWithParent(), command, ...args];
    this.process = spawn(program, rest, { ...options, env: options.env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#tail.push(...text.split('\n').filter((line) => line !== ''));
        this.#tail.splice(0, this.#tail.length - TAIL_LINES);
      });
    }
    this.#exited = new Promise((resolve) => {
      this.process.once('exit', () => resolve());
      this.process.once('error', (error) => {
        this.#tail.push(String(error));
        resolve();
      });
    });
    void this.#exited.then(killOnExit(this.process));
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  get output(): string {
    return this.#tail.join('\n');
  }

  /** Waits until `ready`, or throws with the output when the process ends first. */
  async until(what: string, ready: () => Promise<unknown>, timeoutMs = 60_000): Promise<void> {
    await waitFor(
      what,
      async () => {
        if (!this.running) return true;
        return ready();
      },
      timeoutMs,
    );
    if (!this.running) throw new Error(`${what}: the process ended\n${this.output}`);
  }

  /** Ends the process: `SIGTERM`, and `SIGKILL` after `graceMs`. */
  async stop(graceMs = 5_000): Promise<void> {
    if (!this.running) return;
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), graceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.#exited;
  }
}
