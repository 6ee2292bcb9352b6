import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError, isObject, messageOf } from '@flotilla/kernel';
import { parseYamlDocuments, readYamlLines, type YamlLines } from '@flotilla/yaml';

const MANIFEST = /\.(ya?ml|json)$/;
/** Manifests of one directory, its own directories included. */
const MAX_FILES = 10_000;

/** A document of a manifest file, and where it begins. */
export interface Manifest {
  file: string;
  line: number;
  /** The line of a dotted path, or of the nearest part of it that is written. */
  lineOf(path: string): number | undefined;
  document: Record<string, unknown>;
}

export interface ManifestOptions {
  /** Takes a list for the documents in it, as some commands write them. */
  lists?: boolean;
}

/**
 * Every document of a file, of standard input (`-`), or of the manifests below a directory.
 * @throws InvalidInputError naming file and line
 */
export function readManifests(path: string, options: ManifestOptions = {}): Manifest[] {
  if (path === '-') return parse(readText(0, '-'), '-', options);
  return filesOf(path).flatMap((file) => parse(readText(file, file), file, options));
}

/** A part of a set that somebody took for a whole one is to be refused as such, and not left out in silence. */
export function isSet({ document: { kind, apiVersion, spec } }: Manifest): boolean {
  return kind === 'ApplicationSet' || (kind === undefined && apiVersion === undefined && isObject(spec) && 'generators' in spec);
}

function filesOf(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new InvalidInputError(`${path} does not exist`, { file: path });
  if (!stats.isDirectory()) return [path];
  const names = readdirSync(path, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile() && MANIFEST.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
  if (files.length > MAX_FILES) throw new InvalidInputError(`${path} holds ${files.length} manifests; at most ${MAX_FILES} are read`);
  return files.sort();
}

function readText(source: string | 0, file: string): string {
  try {
    return readFileSync(source, 'utf8');
  } catch (error) {
    throw new InvalidInputError(`${file} cannot be read: ${messageOf(error)}`, { file });
  }
}

function parse(text: string, file: string, options: ManifestOptions): Manifest[] {
  let known: YamlLines[] | undefined;
  return parseYamlDocuments(text, { file }).flatMap(({ value, line }, i) => {
    const lines = (): YamlLines | undefined => {
      known ??= readYamlLines(text, { file });
      return known[i];
    };
    return membersOf(value, options).map(({ document, prefix }) => {
      const start = prefix === '' ? line : (lines()?.lineOf(prefix) ?? line);
      if (!isObject(document)) throw new InvalidInputError(`${file}:${start}: a manifest is a map`, { file, line: start });
      const lineOf = (path: string): number | undefined => lines()?.nearestLineOf(prefix === '' ? path : `${prefix}.${path}`);
      return { file, line: start, lineOf, document };
    });
  });
}

/** The documents of one, with their paths in it: `kubectl get` writes several as a `List` of them. */
function membersOf(value: unknown, { lists = false }: ManifestOptions): { document: unknown; prefix: string }[] {
  if (value === null || value === undefined) return [];
  if (isObject(value) && typeof value.kind === 'string' && value.kind.endsWith('List') && Array.isArray(value.items)) {
    return value.items.map((document, i) => ({ document, prefix: `items.${i}` }));
  }
  if (lists && Array.isArray(value)) return value.map((document, i) => ({ document, prefix: String(i) }));
  return [{ document: value, prefix: '' }];
}
