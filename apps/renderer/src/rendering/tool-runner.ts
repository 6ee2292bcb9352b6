import { join } from 'node:path';
import { UnavailableError } from '@flotilla/kernel';
import type { PlannedFile, ToolResult } from '@flotilla/render';
import type { Sandbox } from '@flotilla/sandbox';
import { withRenderDirectory } from './render-directory.js';
import type { ToolName, Tools } from './tools.js';

export interface ToolRunnerOptions {
  workDir: string;
  /** Tools that run at once. */
  concurrency: number;
  /** Renders that may wait for a turn. */
  maxWaiting: number;
  timeoutMs: number;
}

/** Runs render tools in the sandbox, a bounded number at a time. */
export class ToolRunner {
  readonly #tools: Tools;
  readonly #sandbox: Sandbox;
  readonly #options: ToolRunnerOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(tools: Tools, sandbox: Sandbox, options: ToolRunnerOptions) {
    this.#tools = tools;
    this.#sandbox = sandbox;
    this.#options = options;
  }

  async version(tool: ToolName): Promise<string> {
    return (await this.#tools.find(tool)).version;
  }

  readonly run = async (tool: ToolName, argv: readonly string[], cwd: string, files: readonly PlannedFile[]): Promise<ToolResult> => {
    const { file, prefix } = await this.#tools.find(tool);
    await this.#enter();
    try {
      return await withRenderDirectory(this.#options.workDir, [...files, { to: 'home/.keep', text: '' }], (dir) =>
        this.#sandbox.run({
          file,
          argv: [...prefix, ...argv],
          cwd: join(dir, cwd),
          env: { HOME: join(dir, 'home'), TMPDIR: join(dir, 'home') },
          limits: { wallMs: this.#options.timeoutMs },
        }),
      );
    } finally {
      this.#leave();
    }
  };

  #enter(): Promise<void> {
    if (this.#running < this.#options.concurrency) {
      this.#running++;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.#options.maxWaiting) {
      return Promise.reject(
        new UnavailableError(`${this.#waiting.length} renders wait already; try again`, { limit: this.#options.maxWaiting }),
      );
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running--;
  }
}
