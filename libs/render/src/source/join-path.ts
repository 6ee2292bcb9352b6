import { SourcePathError } from '../render.errors.js';

/**
 * Joins a path of a document to a directory of the repository and keeps it inside. `field` names the field for the error.
 * @returns POSIX path without leading or trailing slash, `''` for the root
 * @throws SourcePathError for absolute paths, paths that leave the repository, backslashes and control characters
 */
export function joinPath(directory: string, relative: string, field: string): string {
  if (relative.startsWith('/'))
    throw new SourcePathError(`${field}: ${quote(relative)} is absolute; paths are relative to the repository`, { field });
  if (/[\p{Cc}\\]/u.test(relative))
    throw new SourcePathError(`${field}: ${quote(relative)} holds a backslash or control character`, { field });
  const parts = directory === '' ? [] : directory.split('/');
  for (const part of relative.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) throw new SourcePathError(`${field}: ${quote(relative)} leaves the repository`, { field });
  }
  if (parts.some((part) => part.toLowerCase() === '.git'))
    throw new SourcePathError(`${field}: ${quote(relative)} names a .git directory`, { field });
  return parts.join('/');
}

export function directoryOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut < 0 ? '' : path.slice(0, cut);
}

export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A path as text for a message: JSON-quoted and cut. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
