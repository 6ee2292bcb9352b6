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

/** For a file, `path` is its directory (`.` in the root); the file itself is `path.filename`. */
export function filePathParams(file: string, prefix: string | undefined): Record<string, string> {
  const name = prefix ? `${prefix}.path` : 'path';
  const slash = file.lastIndexOf('/');
  const params = pathParams(slash < 0 ? '.' : file.slice(0, slash), prefix);
  params[`${name}.filename`] = basename(file);
  params[`${name}.filenameNormalized`] = sanitizeName(basename(file));
  return params;
}
