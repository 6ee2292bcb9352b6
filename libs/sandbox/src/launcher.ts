import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ProcessCommand, type ProcessResult, spawnProcess } from './spawn-process.js';

type SentCommand = Omit<ProcessCommand, 'signal'>;
export type LauncherOrder = { id: number; command: SentCommand } | { abort: number };
export type LauncherAnswer = { id: number; result: ProcessResult } | { id: number; error: string };

interface Waiting {
  command: ProcessCommand;
  /** Who was told to run it. */
  child: ChildProcess;
  settle(result: Promise<ProcessResult>): void;
}

/** It holds nothing but what runs, so a small heap serves it. */
const EXEC_ARGV = ['--max-old-space-size=256', '--max-semi-space-size=1'];

/**
 * Starts programs from a small process. A fork copies the page tables of whoever forks and stops its event loop meanwhile:
 * with 200 MB of buffers 16 ms each time, from here 3. Started with the first command; should it die, its commands run
 * directly and the next one starts another.
 */
export class Launcher {
  #child: ChildProcess | undefined;
  #lastId = 0;
  readonly #waiting = new Map<number, Waiting>();

  /** Settles like `spawnProcess`. */
  run(command: ProcessCommand): Promise<ProcessResult> {
    this.#lastId += 1;
    const id = this.#lastId;
    const { signal, ...sent } = command;
    const child = this.#running();
    const abort = () => child.send({ abort: id } satisfies LauncherOrder, () => undefined);
    const result = new Promise<ProcessResult>((settle) => this.#waiting.set(id, { command, child, settle }));
    this.#hold(child);
    child.send({ id, command: sent } satisfies LauncherOrder, (error) => {
      if (error) this.#takeOver(id);
    });
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    return result.finally(() => {
      signal?.removeEventListener('abort', abort);
      this.#hold(child);
    });
  }

  #running(): ChildProcess {
    if (this.#child?.connected) return this.#child;
    const main = fileURLToPath(new URL(`./launcher-main${extname(import.meta.url)}`, import.meta.url));
    const child = fork(main, [], {
      execArgv: EXEC_ARGV,
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    child.on('message', (message: LauncherAnswer) => this.#take(message));
    const lost = () => {
      if (this.#child === child) this.#child = undefined;
      for (const [id, waiting] of [...this.#waiting]) if (waiting.child === child) this.#takeOver(id);
    };
    child.once('disconnect', lost);
    child.once('error', lost);
    return child;
  }

  #take(message: LauncherAnswer): void {
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    this.#waiting.delete(message.id);
    if ('error' in message) waiting.settle(spawnProcess(waiting.command));
    else waiting.settle(Promise.resolve({ ...message.result, stdout: Buffer.from(message.result.stdout) }));
  }

  #takeOver(id: number): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    waiting.settle(spawnProcess(waiting.command));
  }

  /** Keeps this process alive only while something runs. */
  #hold(child: ChildProcess): void {
    const change = this.#waiting.size > 0 ? 'ref' : 'unref';
    child[change]();
    child.channel?.[change]();
  }
}

const shared = new Launcher();

/** Runs one program without a shell in a process group of its own and always settles with how it ended. */
export function runProcess(command: ProcessCommand): Promise<ProcessResult> {
  return shared.run(command);
}
