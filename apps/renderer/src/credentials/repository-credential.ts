/** What a repository's server asks for; all fields optional, nothing of it ever logged. */
export interface RepositoryCredential {
  username?: string;
  /** Password or token. */
  password?: string;
  bearerToken?: string;
  /** OpenSSH or PEM text. */
  sshPrivateKey?: string;
  /** Lines of known_hosts. */
  knownHosts?: string;
  /** PEM certificates the server's certificate must lead to. */
  ca?: string;
  proxy?: string;
}

/** A Secret labelled `repository` (one repository) or `repo-creds` (all below a prefix), opened. */
export interface CredentialEntry extends RepositoryCredential {
  kind: 'repository' | 'repo-creds';
  url: string;
}

/**
 * The credential for a repository by Argo CD's rule: the `repository` entry of that address when it holds a login itself, else the
 * `repo-creds` entry with the longest prefix; the certificate authority of either.
 */
export function pickCredential(repoURL: string, entries: readonly CredentialEntry[]): RepositoryCredential {
  const address = comparable(repoURL);
  const own = entries.find(({ kind, url }) => kind === 'repository' && comparable(url) === address);
  const [template] = entries
    .filter(({ kind, url }) => kind === 'repo-creds' && isBelow(address, comparable(url)))
    .sort((a, b) => comparable(b.url).length - comparable(a.url).length);
  const login = own && hasLogin(own) ? own : (template ?? own);
  if (!login) return {};
  const { kind: _kind, url: _url, ...credential } = login;
  return {
    ...credential,
    ca: own?.ca ?? credential.ca,
    knownHosts: own?.knownHosts ?? credential.knownHosts,
    proxy: own?.proxy ?? credential.proxy,
  };
}

function hasLogin({ password, bearerToken, sshPrivateKey }: RepositoryCredential): boolean {
  return Boolean(password || bearerToken || sshPrivateKey);
}

/** A prefix ends at a part of the address: `https://host/team` does not cover `https://host/team-two`. */
function isBelow(address: string, prefix: string): boolean {
  return address === prefix || address.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}

function comparable(url: string): string {
  const text = url
    .trim()
    .toLowerCase()
    .replace(/\.git$/, '');
  const scp = /^([\w.-]+@)?([\w.-]+):(?!\/\/)(.+)$/.exec(text);
  return scp ? `ssh://${scp[1] ?? ''}${scp[2]}/${scp[3]}` : text;
}
