// What every installer needs: where things are kept, running programs, saying what happens.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The one directory outside the tree that is ever written. */
export const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'flotilla');
export const PLATFORM = `${process.platform}-${process.arch}`;

export function say(text) {
  process.stderr.write(`flotilla: ${text}\n`);
}

/** Stops with one line that says what is missing and how to get it. */
export function fail(text) {
  say(text);
  process.exit(1);
}

/** The path of a program on PATH, or undefined. */
export function which(name) {
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(dir, name);
    if (dir !== '' && isExecutable(path)) return path;
  }
  return undefined;
}

export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a program to its end; returns its output, or undefined when it failed. */
export function capture(command, args, options = {}) {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'ignore'],
    ...options,
  });
  return status === 0 ? stdout : undefined;
}

/** Runs a program with its output on stderr; true when it exited 0. */
export function run(command, args, options = {}) {
  return spawnSync(command, args, { stdio: ['ignore', 2, 2], ...options }).status === 0;
}

/** Makes a directory's content aside and moves it into place at once, so that a broken install is never found. */
export async function settleDirectory(target, fill) {
  mkdirSync(dirname(target), { recursive: true });
  const aside = mkdtempSync(join(dirname(target), '.new-'));
  try {
    await fill(aside);
    rmSync(target, { recursive: true, force: true });
    renameSync(aside, target);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** A directory for downloads that is gone afterwards. */
export async function withScratch(work) {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-install-'));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
