import { isObject, messageOf } from '@flotilla/kernel';
import { parseYamlDocument } from '@flotilla/yaml';
import { RenderFailedError, RenderLimitError, SourcePathError, UnsupportedSourceError } from '../render.errors.js';
import { KUSTOMIZATION_NAMES } from '../source/detect-source-type.js';
import { joinPath, quote } from '../source/join-path.js';
import { entriesBelow, hasDirectory, readText, type SourceTree, type TreeEntry } from '../source/source-tree.js';

/** Kustomizations one build may reach. */
const MAX_KUSTOMIZATIONS = 500;
/** Fields whose entries are files or directories with kustomizations of their own. */
const REFERENCE_FIELDS = ['resources', 'bases', 'components', 'generators', 'transformers', 'validators'] as const;

export function kustomizationOf(tree: SourceTree, directory: string): TreeEntry | undefined {
  return KUSTOMIZATION_NAMES.map((name) => tree.entries.get(directory === '' ? name : `${directory}/${name}`)).find(Boolean);
}

export async function readKustomization(tree: SourceTree, entry: TreeEntry): Promise<Record<string, unknown>> {
  let document: unknown;
  try {
    document = parseYamlDocument(await readText(tree, entry), { file: entry.path });
  } catch (error) {
    throw new RenderFailedError(messageOf(error), { path: entry.path });
  }
  if (document !== null && !isObject(document)) throw new RenderFailedError(`${entry.path}: not a kustomization`, { path: entry.path });
  return document ?? {};
}

/**
 * Every file a build of `directory` may read: its own directory and those its kustomizations refer to, found without running
 * anything. Remote bases are refused here, because the tool would fetch them.
 */
export async function kustomizeFiles(tree: SourceTree, directory: string, extraComponents: readonly string[]): Promise<TreeEntry[]> {
  const seen = new Set<string>();
  const files = new Map<string, TreeEntry>();
  const queue = [directory, ...extraComponents];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (seen.size > MAX_KUSTOMIZATIONS)
      throw new RenderLimitError(`${quote(directory)} reaches more than ${MAX_KUSTOMIZATIONS} kustomizations`, { directory });
    for (const entry of entriesBelow(tree, next)) files.set(entry.path, entry);
    const entry = kustomizationOf(tree, next);
    if (!entry) {
      const names = KUSTOMIZATION_NAMES.join(', ');
      throw new SourcePathError(`${quote(next)} holds no kustomization (${names}), but it is built as one`, { path: next });
    }
    for (const { field, reference } of references(await readKustomization(tree, entry))) {
      const place = `${entry.path}: ${field}`;
      if (isRemote(reference)) {
        throw new UnsupportedSourceError(
          `${place}: ${quote(reference)} is a remote base, which is not fetched; copy it into the repository`,
          {
            path: entry.path,
            reference,
          },
        );
      }
      const path = joinPath(next, reference, place);
      const file = tree.entries.get(path);
      if (file) files.set(path, file);
      else if (hasDirectory(tree, path)) queue.push(path);
      else throw new SourcePathError(`${place}: ${quote(reference)} does not exist (looked for ${quote(path)})`, { path, field });
    }
  }
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function references(kustomization: Record<string, unknown>): { field: string; reference: string }[] {
  return REFERENCE_FIELDS.flatMap((field) => {
    const list = kustomization[field];
    if (!Array.isArray(list)) return [];
    // Generators and transformers may stand there in full, as a text of several lines.
    return list
      .filter((item): item is string => typeof item === 'string' && !item.includes('\n'))
      .map((reference) => ({ field, reference }));
  });
}

function isRemote(reference: string): boolean {
  return (
    /^[a-z][a-z0-9+.-]*:/i.test(reference) ||
    /^[\w.-]+@[\w.-]+:/.test(reference) ||
    /[?&](ref|version|timeout|submodules)=/.test(reference) ||
    /^(github|gitlab|bitbucket)\.[a-z]+[/:]/i.test(reference)
  );
}
