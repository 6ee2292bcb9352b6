/** One blob of a commit. Directories are not entries; symbolic links and submodules are. */
export interface TreeEntry {
  /** POSIX path from the root of the repository. */
  path: string;
  /** Git's mode: 100644, 100755, 120000 (symbolic link), 160000 (submodule). */
  mode: string;
  /** Name of the content: equal objects have equal bytes. */
  object: string;
  /** Bytes; 0 for submodules. */
  size: number;
}

/** The files of one commit, read without a checkout. */
export interface SourceTree {
  /** By path, in path order. */
  readonly entries: ReadonlyMap<string, TreeEntry>;
  /** Content of an object named by an entry. */
  read(entry: TreeEntry): Promise<Uint8Array>;
}

export const SYMLINK_MODE = '120000';
export const SUBMODULE_MODE = '160000';

const sorted = new WeakMap<SourceTree, readonly string[]>();

/** Entries at or below a directory (`''` is the root), by path. Ten thousand sources of one commit each look at their own part. */
export function entriesBelow(tree: SourceTree, directory: string): TreeEntry[] {
  if (directory === '') return [...tree.entries.values()];
  const paths = sortedPaths(tree);
  // '0' is the character after '/'.
  const below = paths.slice(indexFrom(paths, `${directory}/`), indexFrom(paths, `${directory}0`));
  return below.map((path) => tree.entries.get(path)!);
}

export function hasDirectory(tree: SourceTree, directory: string): boolean {
  if (directory === '') return true;
  const paths = sortedPaths(tree);
  return paths[indexFrom(paths, `${directory}/`)]?.startsWith(`${directory}/`) ?? false;
}

function sortedPaths(tree: SourceTree): readonly string[] {
  const paths = sorted.get(tree) ?? [...tree.entries.keys()].sort();
  sorted.set(tree, paths);
  return paths;
}

/** Where the first path is that does not come before `text`. */
function indexFrom(paths: readonly string[], text: string): number {
  let low = 0;
  let high = paths.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (paths[middle]! < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

export async function readText(tree: SourceTree, entry: TreeEntry): Promise<string> {
  return Buffer.from(await tree.read(entry)).toString();
}
