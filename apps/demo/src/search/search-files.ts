import { open, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Search } from './search.js';

const PIECE_BYTES = 32 * 1024 * 1024;

/** Looks into every file below a directory, large ones piece by piece. Links are not followed. @returns their paths below it */
export async function searchFiles(search: Search, directory: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const place = relative(directory, path);
    if (await searchFile(search, path, place)) files.push(place);
  }
  return files;
}

/** False for a file that went away meanwhile. */
async function searchFile(search: Search, path: string, place: string): Promise<boolean> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
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
