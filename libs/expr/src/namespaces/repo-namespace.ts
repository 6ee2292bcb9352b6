import { ExprFailedError } from '../expr.errors.js';
import { ExprFunction, type Mapping, textOf } from '../values.js';

/** The parts of a Git address: `https://host/owner/name.git`, `ssh://git@host/owner/name`, `git@host:owner/name.git`. */
function partsOf(address: string): { host: string; path: string } {
  const scp = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/\/)([^\s]+)$/.exec(address);
  const url = scp ? undefined : URL.parse(address);
  const host = scp?.[1] ?? url?.host;
  const path = (scp?.[2] ?? url?.pathname ?? '').replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  if (!host || path === '') throw new ExprFailedError('a repository address is expected, such as https://git.example.com/owner/name');
  return { host: url?.protocol === 'ssh:' ? (url.hostname ?? host) : host, path };
}

/** The address people open: `https://host/owner/name`. */
export function repoUrlToHttps(address: string): string {
  const { host, path } = partsOf(address);
  return `https://${host}/${path}`;
}

/** `owner/name`. */
export function fullNameByRepoUrl(address: string): string {
  const { path } = partsOf(address);
  if (!path.includes('/')) throw new ExprFailedError('a repository address with an owner and a name is expected');
  return path.split('/').slice(0, 2).join('/');
}

const unsupported = (name: string): ExprFunction =>
  new ExprFunction(() => {
    throw new ExprFailedError(`repo.${name} is not offered: the notifier reads no repositories`);
  });

/** Argo CD's `repo`, as far as it needs no repository. */
export const repoNamespace: Mapping = {
  RepoURLToHTTPS: new ExprFunction(([address]) => repoUrlToHttps(textOf(address, 'repo.RepoURLToHTTPS'))),
  FullNameByRepoURL: new ExprFunction(([address]) => fullNameByRepoUrl(textOf(address, 'repo.FullNameByRepoURL'))),
  GetCommitMetadata: unsupported('GetCommitMetadata'),
  GetCommitAuthorsBetween: unsupported('GetCommitAuthorsBetween'),
  GetAppDetails: unsupported('GetAppDetails'),
};
