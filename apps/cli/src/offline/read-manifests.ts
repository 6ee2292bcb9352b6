import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError, messageOf } from '@flotilla/kernel';
import { parseYamlDocuments } from '@flotilla/yaml';

const MANIFEST = /\.(ya?ml|json)$/;
/** Manifests of one directory, its own directories included. */
const MAX_FILES = 10_000;

/** A document of a manifest file, and where it begins. */
export interface Manifest {
  file: string;
  line: number;
  document: Record<string, unknown>;
}

/** Every document of a file, of standard input (`-`), or of the manifests below a directory. */
export function readManifests(path: string): Manifest[] {
  if (path === '-') return parse(readFileSync(0, 'utf8'), '-');
  return filesOf(path).flatMap((file) => parse(readFileSync(file, 'utf8'), file));
}

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile() && MANIFEST.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
  if (files.length > MAX_FILES) throw new InvalidInputError(`${path} holds ${files.length} manifests; at most ${MAX_FILES} are read`);
  return files.sort();
}

function parse(text: string, file: string): Manifest[] {
  return parseYamlDocuments(text, { file }).flatMap(({ value, line }) => {
    if (value === null || value === undefined) return [];
    if (typeof value !== 'object' || Array.isArray(value))
      throw new InvalidInputError(`${file}:${line}: a manifest is a map`, { file, line });
    return [{ file, line, document: value as Record<string, unknown> }];
  });
}

/** The file and line an error names, for errors of reading. */
export function placeOf(error: unknown): { file?: string; line?: number; message: string } {
  const details = (error as { details?: { file?: string; line?: number } }).details ?? {};
  return { ...(details.file ? { file: details.file } : {}), ...(details.line ? { line: details.line } : {}), message: messageOf(error) };
}
