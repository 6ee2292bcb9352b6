/** Bounds of one run; whichever is met first ends the whole process tree. */
export interface SandboxLimits {
  /** Wall time in milliseconds. */
  wallMs: number;
  /** CPU time of a process in whole seconds. */
  cpuSeconds: number;
  /** Writable memory of a process in bytes (RLIMIT_DATA: what Go reserves but never writes does not count). */
  memoryBytes: number;
  /** Bytes of standard output that are kept; one more ends the run. */
  outputBytes: number;
  /** Bytes of standard error that are kept; the rest is dropped. */
  errorBytes: number;
  /** Size of any file it writes, in bytes. */
  fileBytes: number;
  openFiles: number;
  /** Processes and threads of the user; the kernel does not count those of root. */
  processes: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_SANDBOX_LIMITS: Readonly<SandboxLimits> = {
  wallMs: 60_000,
  cpuSeconds: 60,
  memoryBytes: 1024 * MIB,
  outputBytes: 64 * MIB,
  errorBytes: 64 * 1024,
  fileBytes: 256 * MIB,
  openFiles: 1024,
  processes: 512,
};

/** Arguments of util-linux `prlimit` for these limits. */
export function prlimitArguments(limits: SandboxLimits): string[] {
  return [
    `--cpu=${limits.cpuSeconds}`,
    `--data=${limits.memoryBytes}`,
    `--fsize=${limits.fileBytes}`,
    `--nofile=${limits.openFiles}`,
    `--nproc=${limits.processes}`,
    '--core=0',
  ];
}
