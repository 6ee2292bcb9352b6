import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { runProcess } from './launcher.js';
import { DEFAULT_SANDBOX_LIMITS, prlimitArguments, type SandboxLimits } from './sandbox-limits.js';
import type { ProcessResult } from './spawn-process.js';

/** `full`: user, network and pid namespaces and kernel limits; `reduced`: process group, time and output limits, what else there is. */
export type SandboxMode = 'full' | 'reduced';

export interface SandboxCommand {
  /** Absolute path of the program. */
  file: string;
  argv: readonly string[];
  /** Working directory; HOME and TMPDIR point to it too. */
  cwd: string;
  /** Added to the scrubbed environment. */
  env?: Readonly<Record<string, string>>;
  stdin?: string | Uint8Array;
  limits?: Partial<SandboxLimits>;
  signal?: AbortSignal;
}

const NAMESPACES: readonly (readonly string[])[] = [
  ['--user', '--map-root-user', '--net', '--pid', '--ipc', '--uts', '--mount', '--fork', '--kill-child', '--mount-proc'],
  // Inside a container /proc is often masked and cannot be mounted again; the rest still holds.
  ['--user', '--map-root-user', '--net', '--pid', '--fork', '--kill-child'],
];

/** Runs untrusted tools: argv only, never a shell; nothing of this process' environment; no network in `full` mode. */
export class Sandbox {
  readonly mode: SandboxMode;
  /** What is missing in reduced mode, for /readyz. */
  readonly reason: string | undefined;
  readonly #wrapper: (limits: SandboxLimits) => string[];

  private constructor(mode: SandboxMode, reason: string | undefined, wrapper: (limits: SandboxLimits) => string[]) {
    this.mode = mode;
    this.reason = reason;
    this.#wrapper = wrapper;
  }

  /** Tries out once what the kernel and the installed tools allow. */
  static async detect(path: string = process.env.PATH ?? ''): Promise<Sandbox> {
    const find = (name: string) => findProgram(name, path);
    const [unshare, prlimit, setpriv] = [find('unshare'), find('prlimit'), find('setpriv')];
    const privileges = setpriv ? [setpriv, '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all', '--'] : [];
    const limited = (limits: SandboxLimits) => (prlimit ? [prlimit, ...prlimitArguments(limits), '--'] : []);
    if (!unshare || !prlimit) {
      const missing = [unshare ? '' : 'unshare', prlimit ? '' : 'prlimit'].filter(Boolean).join(' and ');
      return new Sandbox('reduced', `${missing} not found`, limited);
    }
    for (const namespaces of NAMESPACES) {
      const wrapper = (limits: SandboxLimits) => [unshare, ...namespaces, '--', ...privileges, ...limited(limits)];
      const sandbox = new Sandbox('full', undefined, wrapper);
      const trial = await sandbox.run({ file: process.execPath, argv: ['--version'], cwd: tmpdir(), limits: { wallMs: 10_000 } });
      if (trial.end === 'exited' && trial.code === 0) return sandbox;
    }
    return new Sandbox('reduced', 'the kernel refuses user namespaces', limited);
  }

  run(command: SandboxCommand): Promise<ProcessResult> {
    const limits = { ...DEFAULT_SANDBOX_LIMITS, ...command.limits };
    const [file, ...argv] = [...this.#wrapper(limits), command.file, ...command.argv];
    return runProcess({
      file: file!,
      argv,
      cwd: command.cwd,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: command.cwd, TMPDIR: command.cwd, LC_ALL: 'C.UTF-8', ...command.env },
      stdin: command.stdin,
      wallMs: limits.wallMs,
      outputBytes: limits.outputBytes,
      errorBytes: limits.errorBytes,
      signal: command.signal,
    });
  }
}

let detected: Promise<Sandbox> | undefined;

/** The process' sandbox, detected at the first call. */
export function sandbox(): Promise<Sandbox> {
  detected ??= Sandbox.detect();
  return detected;
}

/** What `/readyz` reports. */
export async function sandboxMode(): Promise<SandboxMode> {
  return (await sandbox()).mode;
}

/** The absolute path of an executable file in a PATH, or undefined. */
export function findProgram(name: string, path: string = process.env.PATH ?? ''): string | undefined {
  return path
    .split(delimiter)
    .filter((dir) => dir !== '')
    .map((dir) => join(dir, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
