import { SourcePathError } from '../render.errors.js';
import { directoryOf, joinPath, quote } from './join-path.js';
import { entriesBelow, readText, type SourceTree, SYMLINK_MODE, type TreeEntry } from './source-tree.js';

/** A link may lead over so many others; Linux allows 40. */
const MAX_HOPS = 40;
/** Files that links to directories may add. */
const MAX_LINKED_FILES = 10_000;

/**
 * The same tree with symbolic links replaced by what they point to, so that nothing ever follows a link on disk. A link that
 * leaves the repository, dangles or loops stays as it is: it is an error only where a render uses it (see refuseLinks).
 */
export async function resolveLinks(tree: SourceTree): Promise<SourceTree> {
  const links = linksOf(tree);
  if (links.length === 0) return tree;
  const targets = await linkTargets(tree);
  const entries = new Map([...tree.entries].filter(([, { mode }]) => mode !== SYMLINK_MODE));
  let added = 0;
  for (const link of links) {
    const target = follow(link.path, targets);
    for (const entry of target === undefined ? [] : pointedTo(tree, target, targets)) {
      if (++added > MAX_LINKED_FILES)
        throw new SourcePathError(`symbolic links lead to more than ${MAX_LINKED_FILES} files`, { path: link.path });
      const path = link.path + entry.path.slice(target!.length);
      entries.set(path, { ...entry, path });
    }
    if (!entries.has(link.path) && (target === undefined || pointedTo(tree, target, targets).length === 0)) entries.set(link.path, link);
  }
  return { entries: new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1))), read: (entry) => tree.read(entry) };
}

const knownTargets = new WeakMap<SourceTree, Promise<ReadonlyMap<string, string>>>();

/** Where each symbolic link of a tree points to, as a path of the tree; without those that lead out of it. */
export function linkTargets(tree: SourceTree): Promise<ReadonlyMap<string, string>> {
  const targets = knownTargets.get(tree) ?? readTargets(tree);
  knownTargets.set(tree, targets);
  return targets;
}

async function readTargets(tree: SourceTree): Promise<Map<string, string>> {
  const targets = new Map<string, string>();
  for (const link of linksOf(tree)) {
    const target = await readTarget(tree, link);
    if (target !== undefined) targets.set(link.path, target);
  }
  return targets;
}

const linksOf = (tree: SourceTree): TreeEntry[] => [...tree.entries.values()].filter(({ mode }) => mode === SYMLINK_MODE);

/** @throws SourcePathError when one of the entries a render uses is a link that could not be replaced */
export function refuseLinks(entries: Iterable<TreeEntry>): void {
  for (const { path, mode } of entries) {
    if (mode === SYMLINK_MODE) {
      throw new SourcePathError(
        `${quote(path)} is a symbolic link that leaves the repository, dangles or loops; replace it by the file itself`,
        { path },
      );
    }
  }
}

async function readTarget(tree: SourceTree, link: TreeEntry): Promise<string | undefined> {
  if (link.size > 4096) return undefined;
  try {
    return joinPath(directoryOf(link.path), await readText(tree, link), link.path);
  } catch {
    return undefined;
  }
}

/** Where a path ends up when links in any of its parts are followed; undefined for a loop. */
function follow(path: string, targets: ReadonlyMap<string, string>): string | undefined {
  let current = path;
  for (let hops = 0; hops <= MAX_HOPS; hops++) {
    const link = prefixes(current).find((prefix) => targets.has(prefix));
    if (link === undefined) return current;
    const rest = current.slice(link.length + 1);
    const target = targets.get(link)!;
    current = rest === '' ? target : target === '' ? rest : `${target}/${rest}`;
  }
  return undefined;
}

function prefixes(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

/** The file itself, or the ordinary files below a directory; links inside a linked directory are not followed again. */
function pointedTo(tree: SourceTree, target: string, targets: ReadonlyMap<string, string>): TreeEntry[] {
  const file = tree.entries.get(target);
  if (file) return file.mode === SYMLINK_MODE ? [] : [file];
  return entriesBelow(tree, target).filter(({ path }) => !targets.has(path) && path !== target);
}
