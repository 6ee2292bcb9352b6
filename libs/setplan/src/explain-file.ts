import { isObject } from '@flotilla/kernel';
import { compileGlob } from '@flotilla/selector';

/** The pattern of a git generator that leaves a file or directory out; undefined when none does, so that it would be given if it were there. */
export function explainPatterns(
  { generator, file }: { generator: string; file: string },
  spec: Record<string, unknown>,
): { reason: 'FileNotSelected'; message: string } | undefined {
  const list = [spec.directories, spec.files].find((entries) => Array.isArray(entries) && entries.length > 0);
  const field = list === spec.directories ? 'directories' : 'files';
  const entries = (Array.isArray(list) ? list : []).filter(isObject);
  // The `*` of a git pathspec crosses slashes, that of a directory pattern does not.
  const dialect = field === 'directories' ? { separator: '/' } : {};
  const fits = entries.filter(({ path }) => typeof path === 'string' && (path.includes('{{') || mayMatch(path, file, dialect)));
  const where = `${generator}.${field}`;
  if (fits.some(({ exclude }) => exclude === true)) return { reason: 'FileNotSelected', message: `${where} excludes ${file}` };
  if (entries.length > 0 && fits.length === 0) return { reason: 'FileNotSelected', message: `no path of ${where} matches ${file}` };
  return undefined;
}

/** The repository of a git generator, with the commit it was read at where that is known. */
export function repositoryOf(
  { repoURL, revision = '' }: Record<string, unknown>,
  commitOf: ((repoURL: string, revision: string) => string | undefined) | undefined,
): string {
  if (typeof repoURL !== 'string') return 'the repository';
  const commit = typeof revision === 'string' ? commitOf?.(repoURL, revision) : undefined;
  return `${repoURL}${commit ? ` at commit ${commit}` : ''}`;
}

/** A pattern that cannot be read was an error of the expansion; here it excuses nothing. */
function mayMatch(pattern: string, file: string, dialect: { separator?: string }): boolean {
  try {
    return compileGlob(pattern, dialect)(file);
  } catch {
    return true;
  }
}
