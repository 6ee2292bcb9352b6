import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A program of this folder as its own process, spoken with over its channel: one question at a time, one answer each. */
export class Companion {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(
    script: URL,
    args: readonly string[],
    options: { execArgv?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
  ): Promise<{ companion: Companion; ready: { rssBytes: number } }> {
    const child = fork(fileURLToPath(script), [...args], {
      execArgv: ['--enable-source-maps', ...(options.execArgv ?? [])],
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const endToo = (): void => void child.kill('SIGKILL');
    process.once('exit', endToo);
    child.once('exit', () => process.off('exit', endToo));
    const companion = new Companion(child);
    return { companion, ready: await companion.#answer() };
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  ask<Answer>(question: object): Promise<Answer> {
    const answer = this.#answer<Answer>();
    this.#child.send(question);
    return answer;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  async #answer<Answer>(): Promise<Answer> {
    const waiting = new AbortController();
    const { signal } = waiting;
    const [answer] = (await Promise.race([
      once(this.#child, 'message', { signal }),
      once(this.#child, 'exit', { signal }).then(() => [{ error: 'the process ended' }]),
    ])) as [Answer & { error?: string }];
    waiting.abort();
    if (answer.error) throw new Error(answer.error);
    return answer;
  }
}
