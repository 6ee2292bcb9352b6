import { InvalidInputError } from '@flotilla/kernel';
import { RenderLimitError, type SourceTree, type TreeEntry } from '@flotilla/render';

/** Files and bytes one `files` listing may hold: what a generator reads in about two seconds. */
const MAX_FILES = 5000;
const MAX_TOTAL_BYTES = 16 * 1024 * 1024;
/** Bytes of one of its files: far above what people write, and read in well under a second. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * The regular files among the paths with their text. Symlinks are left out: what they lead to is listed by its own name.
 * @throws RenderLimitError naming the file that is too large, InvalidInputError naming one that is not UTF-8
 */
export async function readFiles(tree: SourceTree, paths: readonly string[]): Promise<{ path: string; text: string }[]> {
  const entries = paths
    .map((path) => tree.entries.get(path))
    .filter((entry) => entry !== undefined)
    .filter(({ mode }) => mode.startsWith('100'));
  refuseTooMuch(entries);
  return Promise.all(entries.map(async (entry) => ({ path: entry.path, text: decode(await tree.read(entry), entry.path) })));
}

function refuseTooMuch(entries: readonly TreeEntry[]): void {
  const large = entries.find(({ size }) => size > MAX_FILE_BYTES);
  if (large) {
    throw new RenderLimitError(`the file ${large.path} has ${large.size} bytes; a file of parameters has at most ${MAX_FILE_BYTES}`, {
      file: large.path,
      bytes: large.size,
    });
  }
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  if (entries.length <= MAX_FILES && bytes <= MAX_TOTAL_BYTES) return;
  throw new RenderLimitError(
    `the patterns select ${entries.length} files of ${bytes} bytes; at most ${MAX_FILES} files of ${MAX_TOTAL_BYTES} bytes`,
    { files: entries.length, bytes },
  );
}

/** Bytes that are no UTF-8 would become U+FFFD without a word, and so another value than the file's. */
function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InvalidInputError(`the file ${file} is not UTF-8`, { file });
  }
}
