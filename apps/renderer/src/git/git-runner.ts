import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, type ProcessResult, runProcess } from '@flotilla/sandbox';
import { explainFailure } from './explain-failure.js';
import { GitUnavailableError } from './git.errors.js';
import { baseEnvironment, FILES, type GitSetup } from './git-environment.js';

export interface GitRunnerOptions {
  /** Where git, ssh and prlimit are looked for. */
  path: string;
  /** Memory-backed directory for keys while a call runs. */
  secretsDir: string;
  fetchTimeoutMs: number;
  /** Largest file git may write: bounds a pack. */
  maxPackBytes: number;
}

const MIB = 1024 * 1024;
const LOCAL = { timeoutMs: 30_000, outputBytes: 128 * MIB };

/** Calls git by argument list; whatever comes from a document stands after `--` or `--end-of-options`. */
export class GitRunner {
  readonly #git: string;
  readonly #limit: string[];
  readonly #options: GitRunnerOptions;

  constructor(options: GitRunnerOptions) {
    const git = findProgram('git', options.path);
    if (!git) throw new GitUnavailableError('git is not installed on the hub; install git 2.39 or newer');
    const prlimit = findProgram('prlimit', options.path);
    this.#git = git;
    this.#limit = prlimit ? [prlimit, `--fsize=${options.maxPackBytes}`, '--core=0', '--'] : [];
    this.#options = options;
  }

  get program(): string {
    return this.#git;
  }

  /** The environment of calls on a mirror alone. */
  environment(dir: string): Record<string, string> {
    return { ...baseEnvironment(this.#options.path), GIT_DIR: dir };
  }

  /** A call on the mirror alone. */
  local(dir: string, argv: readonly string[], options: { stdin?: string; env?: Record<string, string> } = {}): Promise<ProcessResult> {
    return runProcess({
      file: this.#git,
      argv,
      cwd: dir,
      env: { ...this.environment(dir), ...options.env },
      stdin: options.stdin,
      wallMs: LOCAL.timeoutMs,
      outputBytes: LOCAL.outputBytes,
      errorBytes: 64 * 1024,
    });
  }

  /** A call that talks to a server. @throws a typed error that names the repository and holds no secret */
  async remote(dir: string, argv: readonly string[], repository: string, setup: GitSetup, stdin?: string): Promise<Buffer> {
    const files = Object.keys(setup.files).length > 0 ? await mkdtemp(join(this.#options.secretsDir, 'flotilla-git-')) : undefined;
    try {
      for (const [name, text] of Object.entries(setup.files)) {
        await writeFile(join(files!, name), text.replaceAll(FILES, files!), { mode: 0o600 });
      }
      const env = Object.fromEntries(Object.entries(setup.env).map(([key, value]) => [key, value.replaceAll(FILES, files ?? '')]));
      const [file, ...rest] = [...this.#limit, this.#git, ...argv];
      const result = await runProcess({
        file: file!,
        argv: rest,
        cwd: dir,
        env: { ...this.environment(dir), ...env },
        stdin,
        wallMs: this.#options.fetchTimeoutMs,
        outputBytes: 32 * MIB,
        errorBytes: 64 * 1024,
      });
      if (result.end !== 'exited' || result.code !== 0) throw explainFailure(repository, result, setup.secrets);
      return result.stdout;
    } finally {
      if (files) await rm(files, { recursive: true, force: true });
    }
  }
}
