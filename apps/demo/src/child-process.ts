import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_PROCESS } from '@flotilla/contracts';
import { programOf } from './demo-root.js';

const RUNNING = new Set<ChildProcess>();

/** Nobody is left behind when whoever tells the story ends without stopping it. */
function endAll(): void {
  for (const child of RUNNING) child.kill('SIGTERM');
}

/** One program of the story as its own process, with its output in a file. */
export class StoryProcess {
  readonly name: string;
  readonly logFile: string;
  readonly #app: string;
  readonly #isAgent: boolean;
  readonly #args: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();

  constructor(options: { name: string; app: string; args: readonly string[]; env?: NodeJS.ProcessEnv; logDirectory: string }) {
    this.name = options.name;
    this.logFile = join(options.logDirectory, `${options.name}.log`);
    this.#app = programOf(options.app);
    this.#isAgent = options.app === 'agent';
    this.#args = options.args;
    this.#env = options.env ?? {};
  }

  start(): void {
    const log = openSync(this.logFile, 'a', 0o600);
    const { execArgv, env } = this.#isAgent ? AGENT_PROCESS : { execArgv: ['--enable-source-maps'], env: {} };
    const child = spawn(process.execPath, [...execArgv, this.#app, ...this.#args], {
      env: { ...process.env, ...env, ...this.#env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    if (RUNNING.size === 0) process.once('exit', endAll);
    RUNNING.add(child);
    this.#exited = new Promise((resolve) => {
      child.once('exit', () => {
        RUNNING.delete(child);
        if (RUNNING.size === 0) process.off('exit', endAll);
        resolve();
      });
    });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#exited;
  }

  /** Asks the process to end and kills it after `graceMs`. */
  async stop(graceMs = 10_000): Promise<void> {
    if (!this.isRunning) return;
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  lastLines(count = 15): string {
    return readFileSync(this.logFile, 'utf8').trim().split('\n').slice(-count).join('\n');
  }
}
