import type { ApplicationSource } from '@flotilla/contracts';
import { SourceOptionError, SourcePathError, UnsupportedSourceError } from '../render.errors.js';
import type { PlannedFile, ReadPlace, RenderContext } from '../render-plan.js';
import { compileGlob, hasWildcard } from '../source/glob.js';
import { baseOf, directoryOf, joinPath, quote } from '../source/join-path.js';
import { refuseLinks } from '../source/resolve-links.js';
import { entriesBelow, type SourceTree, type TreeEntry } from '../source/source-tree.js';
import { substituteVariables } from '../substitute-variables.js';

/** Value files one source may name, globs expanded. */
const MAX_VALUE_FILES = 256;

/** Where a file named in `helm` options lies, and the name to show for it. */
export interface InputFile {
  file: PlannedFile;
  shown: string;
}

/**
 * Resolves `helm.valueFiles` in order: relative to the source's path, `/x` from the root of the repository, `$ref/x` in another
 * source's repository; globs give their matches sorted.
 *
 * @returns `looked`: where they were looked for, also those that are missing; a glob by the directory its matches lie below
 * @throws SourcePathError for a missing file unless `ignoreMissingValueFiles`
 */
export function resolveValueFiles(
  source: ApplicationSource,
  tree: SourceTree,
  path: string,
  context: RenderContext,
  variables: ReadonlyMap<string, string>,
): { files: InputFile[]; looked: ReadPlace[] } {
  const field = 'source.helm.valueFiles';
  const looked: ReadPlace[] = [];
  const found: { tree: SourceTree; entry: TreeEntry }[] = [];
  for (const raw of source.helm?.valueFiles ?? []) {
    const place = locate(raw, tree, path, context, variables, field);
    looked.push({ tree: place.tree, path: hasWildcard(place.path) ? fixedPart(place.path) : place.path });
    const entries = matching(place.tree, place.path, field);
    if (entries.length === 0 && !source.helm?.ignoreMissingValueFiles) {
      throw new SourcePathError(
        `${field}: ${quote(raw)} does not exist (looked for ${quote(place.path)}); add the file or set spec.source.helm.ignoreMissingValueFiles: true`,
        { field, path: place.path },
      );
    }
    refuseLinks(entries);
    found.push(...entries.map((entry) => ({ tree: place.tree, entry })));
  }
  if (found.length > MAX_VALUE_FILES) throw new SourceOptionError(`${field}: ${found.length} files; at most ${MAX_VALUE_FILES}`, { field });
  return { files: found.map(({ tree: from, entry }, i) => input(`values-${i}`, from, entry)), looked };
}

/** Resolves the path of one `helm.fileParameters` entry. */
export function resolveFileParameter(
  raw: string,
  index: number,
  tree: SourceTree,
  path: string,
  context: RenderContext,
  variables: ReadonlyMap<string, string>,
): InputFile {
  const field = `source.helm.fileParameters[${index}].path`;
  const place = locate(raw, tree, path, context, variables, field);
  const entry = place.tree.entries.get(place.path);
  if (!entry)
    throw new SourcePathError(`${field}: ${quote(raw)} does not exist (looked for ${quote(place.path)})`, { field, path: place.path });
  refuseLinks([entry]);
  return input(`parameter-${index}`, place.tree, entry);
}

function input(prefix: string, tree: SourceTree, entry: TreeEntry): InputFile {
  // Only a plain ending is kept of the name: it goes into an argument where commas and equals signs mean something.
  const ending = /\.[a-z]{1,8}$/.exec(baseOf(entry.path))?.[0] ?? '';
  return { file: { to: `inputs/${prefix}${ending}`, tree, entry }, shown: entry.path };
}

function locate(
  raw: string,
  tree: SourceTree,
  path: string,
  context: RenderContext,
  variables: ReadonlyMap<string, string>,
  field: string,
): { tree: SourceTree; path: string } {
  const reference = /^\$([\w-]+)\/(.+)$/.exec(raw);
  const referenced = reference ? context.refs.get(reference[1]!) : undefined;
  if (reference && referenced) return { tree: referenced, path: joinPath('', reference[2]!, field) };
  if (reference && !variables.has(reference[1]!)) {
    throw new SourceOptionError(`${field}: ${quote(raw)}: no source of the application has ref: ${reference[1]}`, { field });
  }
  const text = substituteVariables(raw, variables);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    throw new UnsupportedSourceError(`${field}: ${quote(text)} is a remote address; commit the file and name it by its path`, { field });
  }
  return { tree, path: text.startsWith('/') ? joinPath('', text.replace(/^\/+/, ''), field) : joinPath(path, text, field) };
}

function matching(tree: SourceTree, path: string, field: string): TreeEntry[] {
  const exact = tree.entries.get(path);
  if (exact || !hasWildcard(path)) return exact ? [exact] : [];
  const matches = compileGlob(path, field, { separator: true });
  return entriesBelow(tree, fixedPart(path)).filter((entry) => matches(entry.path));
}

/** The directory before the first part of a pattern that is more than a name. */
function fixedPart(pattern: string): string {
  return directoryOf(pattern.slice(0, pattern.search(/[*?[{\\]/)));
}
