import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type PlannedFile, SourcePathError } from '@flotilla/render';

/** Files written at once. */
const BATCH = 32;

/**
 * Gives `work` a fresh directory that holds the files of a plan and nothing else, and removes it afterwards. Only ordinary files
 * are written, each exclusively, so a path can neither leave the directory nor follow a link.
 */
export async function withRenderDirectory<T>(parent: string, files: readonly PlannedFile[], work: (dir: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const dir = await mkdtemp(join(parent, 'flotilla-render-'));
  try {
    for (const folder of new Set(files.map(({ to }) => dirname(safe(to))))) await mkdir(join(dir, folder), { recursive: true });
    for (let i = 0; i < files.length; i += BATCH) await Promise.all(files.slice(i, i + BATCH).map((file) => write(dir, file)));
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function write(dir: string, file: PlannedFile): Promise<void> {
  const content = 'text' in file ? file.text : await file.tree.read(file.entry);
  await writeFile(join(dir, safe(file.to)), content, { flag: 'wx', mode: 0o600 });
}

function safe(path: string): string {
  if (
    path.split('/').some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git' || part.includes('\0'))
  ) {
    throw new SourcePathError(`${JSON.stringify(path)} is no path a file may be written to`, { path });
  }
  return path;
}
