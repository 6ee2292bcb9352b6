import { mkdir, open, readdir, readFile, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestBytes, InvalidInputError, newToken } from '@flotilla/kernel';
import { StateCorruptError } from './state.errors.js';
import { StateStore } from './state.store.js';

const NAME = /^[a-z0-9-]+(\/[a-z0-9-]+)?$/;
const CHECKSUM_BYTES = 65;
const PARALLEL_WRITES = 16;

/** One file per name, mode 0600: a checksum line, then the bytes. Written beside, synced, renamed, directory synced. */
export class DiskStateStore extends StateStore {
  readonly #dir: string;

  constructor(dir: string) {
    super();
    this.#dir = dir;
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    const content = await readFile(this.#path(name)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    });
    if (!content) return undefined;
    const bytes = content.subarray(CHECKSUM_BYTES);
    if (content.length < CHECKSUM_BYTES || content.toString('latin1', 0, CHECKSUM_BYTES) !== `${digestBytes(bytes)}\n`) {
      throw new StateCorruptError(`kept state ${name} fails its checksum`, { name });
    }
    return bytes;
  }

  write(name: string, bytes: Uint8Array): Promise<void> {
    return this.writeAll([[name, bytes]]);
  }

  override async writeAll(entries: readonly (readonly [name: string, bytes: Uint8Array])[]): Promise<void> {
    const directories = new Set(entries.map(([name]) => dirname(this.#path(name))));
    for (const directory of directories) await mkdir(directory, { recursive: true, mode: 0o700 });
    const queue = [...entries];
    const work = async (): Promise<void> => {
      for (let next = queue.pop(); next; next = queue.pop()) await writeFileSynced(this.#path(next[0]), next[1]);
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL_WRITES, entries.length) }, work));
    // A rename is durable once its directory is.
    for (const directory of directories) await syncDirectory(directory);
  }

  async remove(name: string): Promise<void> {
    await unlink(this.#path(name)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
  }

  async list(prefix: string): Promise<string[]> {
    const files = await readdir(join(this.#dir, prefix)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    });
    return files
      .map((file) => `${prefix}/${file}`)
      .filter((name) => NAME.test(name))
      .sort();
  }

  #path(name: string): string {
    if (!NAME.test(name)) throw new InvalidInputError(`${JSON.stringify(name)} is no state name`);
    return join(this.#dir, name);
  }
}

async function writeFileSynced(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${newToken(8)}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(Buffer.concat([Buffer.from(`${digestBytes(bytes)}\n`), bytes]));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
