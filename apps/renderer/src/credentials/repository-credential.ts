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
  /** Only applications of this project may use it. */
  project?: string;
}

/** The credential of a repository, and who may read what it opens. */
export interface PickedCredential extends RepositoryCredential {
  /** Undefined: every project. */
  projects?: readonly string[];
}

/**
 * The credential for a repository by Argo CD's rule: the `repository` entry of that address when it holds a login itself, else the
 * `repo-creds` entry with the longest prefix; the certificate authority of either. A fleet keeps one copy of a repository, so an
 * entry without a project goes before those of projects, and where there are only such, what they open is for their projects.
 */
export function pickCredential(repoURL: string, entries: readonly CredentialEntry[]): PickedCredential {
  const address = comparable(repoURL);
  const isScoped = ({ project }: CredentialEntry): number => (project === undefined ? 0 : 1);
  const owns = entries
    .filter(({ kind, url }) => kind === 'repository' && comparable(url) === address)
    .sort((a, b) => isScoped(a) - isScoped(b));
  const templates = entries
    .filter(({ kind, url }) => kind === 'repo-creds' && isBelow(address, comparable(url)))
    .sort((a, b) => comparable(b.url).length - comparable(a.url).length || isScoped(a) - isScoped(b));
  const [own] = owns;
  const [template] = templates;
  const login = own && hasLogin(own) ? own : (template ?? own);
  if (!login) return {};
  const { kind, url, project, ...credential } = login;
  const peers = (kind === 'repository' ? owns : templates).filter((peer) => comparable(peer.url) === comparable(url));
  const projects = peers.flatMap((peer) => peer.project ?? []);
  return {
    ...credential,
    ...(project === undefined ? {} : { projects: [...new Set(projects)].sort() }),
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
