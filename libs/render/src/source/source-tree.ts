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

/** Entries at or below a directory (`''` is the root). */
export function entriesBelow(tree: SourceTree, directory: string): TreeEntry[] {
  if (directory === '') return [...tree.entries.values()];
  return [...tree.entries.values()].filter(({ path }) => path.startsWith(`${directory}/`));
}

export function hasDirectory(tree: SourceTree, directory: string): boolean {
  if (directory === '') return true;
  for (const path of tree.entries.keys()) if (path.startsWith(`${directory}/`)) return true;
  return false;
}

export async function readText(tree: SourceTree, entry: TreeEntry): Promise<string> {
  return Buffer.from(await tree.read(entry)).toString();
}
