import { digestBytes } from '@flotilla/kernel';
import { RepositoryAddressError } from './git.errors.js';

export type GitScheme = 'https' | 'ssh' | 'http' | 'file';

/** A readable address of a repository. */
export interface RepositoryUrl {
  scheme: GitScheme;
  /** What git is given: a URL with scheme, without password. */
  href: string;
  /** Scheme, host and port; what credentials are bound to. */
  origin: string;
  hostname: string;
  port: number;
  /** Equal for all spellings of one repository: host and path, lower case, without `.git`, scheme, user and port. */
  identity: string;
}

const PORTS: Record<GitScheme, number> = { https: 443, http: 80, ssh: 22, file: 0 };

/**
 * Reads `https://`, `ssh://`, `user@host:path` and, where allowed, `http://` and `file://`.
 * @throws RepositoryAddressError; never repeats a password
 */
export function readRepositoryUrl(text: string, schemes: readonly GitScheme[]): RepositoryUrl {
  if (text.startsWith('-') || text.length > 2000 || /[\s\p{Cc}]/u.test(text)) {
    throw new RepositoryAddressError('repoURL is no address of a Git repository; write https://host/path or git@host:path');
  }
  const scp = /^(?:([\w.-]+)@)?([\w.-]+):(?!\/\/)([^:].*)$/.exec(text);
  const url = URL.parse(scp ? `ssh://${scp[1] ? `${scp[1]}@` : ''}${scp[2]}/${scp[3]!.replace(/^\/+/, '')}` : text);
  const scheme = url?.protocol.slice(0, -1).toLowerCase() as GitScheme | undefined;
  if (!url || !scheme || !schemes.includes(scheme)) {
    throw new RepositoryAddressError(`repoURL uses ${scheme ? `scheme ${scheme}` : 'no known form'}; ${schemes.join(' and ')} are allowed`);
  }
  if (url.password !== '' || (url.username !== '' && scheme !== 'ssh')) {
    throw new RepositoryAddressError(
      `repoURL of ${url.host} holds a user or password; put them into a Secret labelled argocd.argoproj.io/secret-type: repository`,
    );
  }
  if (scheme !== 'file' && (url.hostname === '' || url.hostname.startsWith('-'))) throw new RepositoryAddressError('repoURL has no host');
  const port = url.port === '' ? PORTS[scheme] : Number(url.port);
  const path = decodeURIComponent(url.pathname)
    .replace(/\/+$/, '')
    .replace(/\.git$/i, '')
    .replace(/^\/+/, '');
  return {
    scheme,
    href: url.href,
    origin: `${scheme}://${url.host}`,
    hostname: url.hostname,
    port,
    identity: `${url.hostname}/${path}`.toLowerCase(),
  };
}

/** Whether two spellings name one repository, whatever scheme and user they use; false for unreadable ones. */
export function isSameRepository(a: string, b: string): boolean {
  const read = (text: string) => readRepositoryUrl(text, ['https', 'ssh', 'http', 'file']).identity;
  try {
    return read(a) === read(b);
  } catch {
    return a === b;
  }
}

/** Name of the mirror's directory: scheme and address decide, so that a credential never serves another address' content. */
export function mirrorName(url: RepositoryUrl): string {
  return `${digestBytes(url.href).slice(0, 40)}.git`;
}
