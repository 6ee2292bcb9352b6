import { ScmSpecError } from '../scm.errors.js';

/**
 * One segment of an API path from a text of the user or the host. `.` and `..` are refused, as a URL would climb with
 * them: `organization: ../user` must not reach another call of the API.
 */
export function segment(text: string): string {
  if (text === '' || text === '.' || text === '..')
    throw new ScmSpecError(`${JSON.stringify(text)} cannot be a name on a Git host`, { text });
  return encodeURIComponent(text);
}

/** A path inside a repository, its slashes kept. */
export function treePath(path: string): string {
  return path.split('/').map(segment).join('/');
}

export function withQuery(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const entries = Object.entries(query).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  return `${path}?${new URLSearchParams(entries.map(([name, value]): [string, string] => [name, String(value)]))}`;
}
