import { isObject, jsonEqual } from '@flotilla/kernel';

/** Paths beyond this are left out; the log row stays small whatever was changed. */
const MAX_PATHS = 50;
const MAX_DEPTH = 8;
const IGNORED = new Set(['metadata.resourceVersion', 'metadata.managedFields', 'metadata.generation']);

/** Dotted paths of the fields that differ; a list differs as a whole, a key with a dot is written `["a.b"]`. */
export function changedFieldPaths(before: unknown, after: unknown): string[] {
  const paths: string[] = [];
  collect(before, after, '', 0, paths);
  return paths;
}

/** Whether these are all the paths that differ and each is the status or below it. */
export function isStatusAlone(paths: readonly string[]): boolean {
  return (
    paths.length > 0 &&
    paths.length < MAX_PATHS &&
    paths.every((path) => path === 'status' || path.startsWith('status.') || path.startsWith('status['))
  );
}

function collect(before: unknown, after: unknown, path: string, depth: number, paths: string[]): void {
  if (paths.length >= MAX_PATHS || IGNORED.has(path) || jsonEqual(before, after)) return;
  if (depth >= MAX_DEPTH || !isObject(before) || !isObject(after)) {
    paths.push(path);
    return;
  }
  for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    collect(before[key], after[key], join(path, key), depth + 1, paths);
  }
}

function join(path: string, key: string): string {
  if (key.includes('.')) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
