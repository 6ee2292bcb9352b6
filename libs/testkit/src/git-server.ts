import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GitHttpFaults, type GitHttpRequest, startGitHttp } from './git-http.js';
import { type GitFile, GitRepositories, type GitRepository } from './git-repositories.js';
import { newSshKey, type SshKeyPair, startGitSsh } from './git-ssh.js';

export interface GitServerOptions {
  /** Users of HTTP with their passwords or tokens; without any, reading needs no login. */
  users?: Readonly<Record<string, string>>;
  /** Serve HTTPS with this certificate instead of HTTP. */
  tls?: { key: string; cert: string };
}

/** A Git server for tests: smart HTTP and SSH on free ports over bare repositories in a directory of its own. */
export class GitServer {
  readonly repositories: GitRepositories;
  readonly faults: GitHttpFaults;
  readonly httpUrl: string;
  readonly sshPort: number;
  /** The line for a client's known_hosts. */
  readonly knownHosts: string;
  /** A key pair that SSH lets in. */
  readonly userKey: SshKeyPair;
  /** Every HTTP request so far, in order. */
  readonly requests: GitHttpRequest[];
  /** Repositories asked for over SSH so far. */
  readonly sshServed: string[];
  readonly sshRefused: string[];
  readonly #close: () => Promise<void>;

  private constructor(parts: {
    repositories: GitRepositories;
    faults: GitHttpFaults;
    http: Awaited<ReturnType<typeof startGitHttp>>;
    ssh: Awaited<ReturnType<typeof startGitSsh>>;
    userKey: SshKeyPair;
  }) {
    this.repositories = parts.repositories;
    this.faults = parts.faults;
    this.httpUrl = parts.http.url;
    this.sshPort = parts.ssh.port;
    this.knownHosts = `[127.0.0.1]:${parts.ssh.port} ${parts.ssh.hostKey}`;
    this.userKey = parts.userKey;
    this.requests = parts.http.requests;
    this.sshServed = parts.ssh.served;
    this.sshRefused = parts.ssh.refused;
    this.#close = async () => {
      await Promise.all([parts.http.close(), parts.ssh.close()]);
      await rm(parts.repositories.root, { recursive: true, force: true });
    };
  }

  static async start(options: GitServerOptions = {}): Promise<GitServer> {
    const root = await mkdtemp(join(tmpdir(), 'flotilla-git-'));
    const faults: GitHttpFaults = {};
    const userKey = newSshKey();
    const users = new Map(Object.entries(options.users ?? {}));
    const [http, ssh] = await Promise.all([
      startGitHttp({ root, users, faults, tls: options.tls }),
      startGitSsh(root, [userKey.publicKey]),
    ]);
    return new GitServer({ repositories: new GitRepositories(root), faults, http, ssh, userKey });
  }

  /** A bare repository `NAME.git`; with files, a first commit on `main`. */
  async createRepo(name: string, files?: Readonly<Record<string, GitFile>>): Promise<GitRepository> {
    const dir = await this.repositories.init(name);
    if (files) await this.repositories.commit({ dir }, files, 'first');
    return {
      name,
      dir,
      httpUrl: `${this.httpUrl}/${name}.git`,
      sshUrl: `ssh://git@127.0.0.1:${this.sshPort}/${name}.git`,
      fileUrl: `file://${dir}`,
    };
  }

  commit(
    repository: Pick<GitRepository, 'dir'>,
    files: Readonly<Record<string, GitFile>>,
    message?: string,
    options?: { branch?: string; parent?: string | null },
  ): Promise<string> {
    return this.repositories.commit(repository, files, message, options);
  }

  branch(repository: Pick<GitRepository, 'dir'>, name: string, at?: string): Promise<void> {
    return this.repositories.branch(repository, name, at);
  }

  tag(repository: Pick<GitRepository, 'dir'>, name: string, at?: string, message?: string): Promise<void> {
    return this.repositories.tag(repository, name, at, message);
  }

  forcePush(repository: Pick<GitRepository, 'dir'>, branch: string, commit: string): Promise<void> {
    return this.repositories.forcePush(repository, branch, commit);
  }

  deleteRef(repository: Pick<GitRepository, 'dir'>, ref: string): Promise<void> {
    return this.repositories.deleteRef(repository, ref);
  }

  async stop(): Promise<void> {
    await this.#close();
  }
}

export function startGitServer(options?: GitServerOptions): Promise<GitServer> {
  return GitServer.start(options);
}
