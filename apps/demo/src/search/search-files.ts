import { open, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Search } from './search.js';

const PIECE_BYTES = 32 * 1024 * 1024;

/**
 * Looks into every file below a directory, large ones piece by piece. Links are not followed; what goes away meanwhile is left out.
 * @returns their paths below it
 */
export async function searchFiles(search: Search, directory: string): Promise<string[]> {
  const files: string[] = [];
  for await (const path of walk(directory)) {
    const place = relative(directory, path);
    if (await searchFile(search, path, place)) files.push(place);
  }
  return files;
}

async function* walk(directory: string): AsyncGenerator<string> {
  for (const entry of (await orGone(readdir(directory, { withFileTypes: true }))) ?? []) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile()) yield path;
  }
}

/** Undefined for what is no longer there: programs that run make and remove files all the time. */
function orGone<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

async function searchFile(search: Search, path: string, place: string): Promise<boolean> {
  const file = await orGone(open(path));
  if (!file) return false;
  try {
    const { size } = await file.stat();
    const piece = Buffer.allocUnsafe(Math.min(size, PIECE_BYTES));
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(piece, 0, piece.length, at);
      if (bytesRead === 0) break;
      search.look(place, piece.subarray(0, bytesRead));
      at += at + bytesRead < size ? bytesRead - search.overlap : bytesRead;
    }
    return true;
  } finally {
    await file.close();
  }
}
