import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConflictError } from '@flotilla/kernel';
import { readPidFile, writePidFile } from '@flotilla/localserver';

/** Where the hub keeps what. */
export interface DataDirectory {
  root: string;
  /** Pid files and logs of the children. */
  run: string;
  keys: string;
  tls: string;
  /** Bare mirrors of Git repositories and render scratch. */
  git: string;
  path(...names: string[]): string;
}

/**
 * Makes the directory and takes it for this process.
 * @throws ConflictError when another hub that lives has it
 */
export function openDataDirectory(root: string): DataDirectory {
  const path = (...names: string[]): string => join(root, ...names);
  const directory: DataDirectory = { root, path, run: path('run'), keys: path('keys'), tls: path('tls'), git: path('git') };
  mkdirSync(root, { recursive: true });
  // Others may pass through to PostgreSQL's own directory and read nothing.
  chmodSync(root, 0o711);
  for (const part of [directory.run, directory.keys, directory.tls, directory.git]) mkdirSync(part, { recursive: true, mode: 0o700 });
  const other = readPidFile(path('run', 'hub.pid'));
  if (other && other.pid !== process.pid)
    throw new ConflictError(`${root} is in use by the hub with process id ${other.pid}; stop it or choose another --data`);
  writePidFile(path('run', 'hub.pid'), process.pid);
  return directory;
}
