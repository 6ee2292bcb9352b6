import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConflictError } from '@flotilla/kernel';
import { readPidFile, removePidFile, writePidFile } from '@flotilla/localserver';

/** Where the hub keeps what. */
export interface DataDirectory {
  root: string;
  /** Pid files and logs of the children. */
  run: string;
  keys: string;
  tls: string;
  /** Bare mirrors of Git repositories and render scratch. */
  git: string;
  /** Files of stores with provider `file`, unless another directory is configured. */
  secrets: string;
  path(...names: string[]): string;
  /** Gives the directory up for the next hub. */
  release(): void;
}

/**
 * Makes the directory and takes it for this process.
 * @throws ConflictError when another hub that lives has it
 */
export function openDataDirectory(root: string): DataDirectory {
  const path = (...names: string[]): string => join(root, ...names);
  const pidFile = path('run', 'hub.pid');
  const release = (): void => removePidFile(pidFile);
  const directory: DataDirectory = {
    root,
    path,
    release,
    run: path('run'),
    keys: path('keys'),
    tls: path('tls'),
    git: path('git'),
    secrets: path('secrets'),
  };
  mkdirSync(root, { recursive: true });
  // Others may pass through to PostgreSQL's own directory and read nothing.
  chmodSync(root, 0o711);
  for (const part of [directory.run, directory.keys, directory.tls, directory.git, directory.secrets])
    mkdirSync(part, { recursive: true, mode: 0o700 });
  const other = readPidFile(pidFile);
  if (other) throw new ConflictError(`${root} is in use by the hub with process id ${other.pid}; stop it or choose another --data`);
  writePidFile(pidFile, process.pid);
  return directory;
}
