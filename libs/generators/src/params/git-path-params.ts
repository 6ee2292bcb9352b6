import { sanitizeName } from '@flotilla/templating';

const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `path`, `path.basename`, `path.basenameNormalized` and `path[n]` of a directory, all below `<prefix>.` when one is given. */
export function pathParams(directory: string, prefix: string | undefined): Record<string, string> {
  const name = prefix ? `${prefix}.path` : 'path';
  const params: Record<string, string> = {
    [name]: directory,
    [`${name}.basename`]: basename(directory),
    [`${name}.basenameNormalized`]: sanitizeName(basename(directory)),
  };
  const segments = directory.split('/').filter((segment) => segment !== '');
  for (const [i, segment] of segments.entries()) params[`${name}[${i}]`] = segment;
  return params;
}

/** The same for Go templates, as one map below `path`, or below `<prefix>.path`. */
export function pathTree(directory: string, prefix: string | undefined, more: Record<string, string> = {}): Record<string, unknown> {
  const path = {
    path: directory,
    basename: basename(directory),
    basenameNormalized: sanitizeName(basename(directory)),
    segments: directory.split('/').filter((segment) => segment !== ''),
    ...more,
  };
  return prefix ? { [prefix]: { path } } : { path };
}

export function filePathTree(file: string, prefix: string | undefined): Record<string, unknown> {
  return pathTree(directoryOf(file), prefix, { filename: basename(file), filenameNormalized: sanitizeName(basename(file)) });
}

function directoryOf(file: string): string {
  const slash = file.lastIndexOf('/');
  return slash < 0 ? '.' : file.slice(0, slash);
}

/** For a file, `path` is its directory (`.` in the root); the file itself is `path.filename`. */
export function filePathParams(file: string, prefix: string | undefined): Record<string, string> {
  const name = prefix ? `${prefix}.path` : 'path';
  const params = pathParams(directoryOf(file), prefix);
  params[`${name}.filename`] = basename(file);
  params[`${name}.filenameNormalized`] = sanitizeName(basename(file));
  return params;
}
