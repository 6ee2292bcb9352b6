import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvalidInputError } from '@flotilla/kernel';
import { MASTER_KEY_BYTES } from './master-keyring.js';

/** Reads the text form of a master key: base64 of 32 bytes. The message never holds the text. */
export function parseMasterKey(text: string, source: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== MASTER_KEY_BYTES || key.toString('base64') !== text.trim()) {
    throw new InvalidInputError(`${source} does not hold base64 of ${MASTER_KEY_BYTES} bytes; make one with: openssl rand -base64 32`);
  }
  return key;
}

/**
 * The master key in `path` (base64, mode 0600), made on first use. An existing file is never replaced: whatever is
 * sealed under it would be lost. Two processes that start at once end with the same key.
 */
export function loadOrCreateMasterKey(path: string): Uint8Array {
  const existing = readKey(path);
  if (existing) return existing;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeSync(file, `${randomBytes(MASTER_KEY_BYTES).toString('base64')}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    // A link fails where a rename would overwrite: the first of two starters wins.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const key = readKey(path);
  if (!key) throw new InvalidInputError(`master key file ${path} vanished while it was made`);
  return key;
}

function readKey(path: string): Uint8Array | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  return parseMasterKey(text, `master key file ${path}`);
}
