import { basename, join } from 'node:path';
import { AddressDeniedError, type AddressPolicy } from '@flotilla/http';
import { messageOf } from '@flotilla/kernel';
import type { CredentialSource } from '../credentials/credential-source.js';
import { GitUnavailableError, RepositoryProjectError } from '../git/git.errors.js';
import { type GitSetup, gitSetup } from '../git/git-environment.js';
import { GitMirror } from '../git/git-mirror.js';
import type { GitRunner } from '../git/git-runner.js';
import { type GitScheme, mirrorName, type RepositoryUrl, readRepositoryUrl } from '../git/repository-url.js';
import { Repository } from './repository.js';

export interface RepositoriesOptions {
  /** Directory of the mirrors. */
  dataDir: string;
  schemes: readonly GitScheme[];
}

/** Repositories kept in memory; the longest unused one is let go. */
const MAX_REPOSITORIES = 2000;

/** Every repository of the fleet by its address: one resolver each, whoever asks. */
export class Repositories {
  readonly #runner: GitRunner;
  readonly #credentials: CredentialSource;
  readonly #addresses: AddressPolicy;
  readonly #options: RepositoriesOptions;
  readonly #byHref = new Map<string, Repository>();

  constructor(runner: GitRunner, credentials: CredentialSource, addresses: AddressPolicy, options: RepositoriesOptions) {
    this.#runner = runner;
    this.#credentials = credentials;
    this.#addresses = addresses;
    this.#options = options;
  }

  /** @throws RepositoryAddressError */
  at(repoURL: string): Repository {
    const url = readRepositoryUrl(repoURL, this.#options.schemes);
    const known = this.#byHref.get(url.href);
    this.#byHref.delete(url.href);
    const repository = known ?? this.#open(url, repoURL);
    this.#byHref.set(url.href, repository);
    for (const [href, oldest] of this.#byHref) {
      if (this.#byHref.size <= MAX_REPOSITORIES) break;
      oldest.mirror.close();
      this.#byHref.delete(href);
    }
    return repository;
  }

  /**
   * Whoever has no project of its own reads with unscoped credentials only.
   * @throws RepositoryProjectError when its credential belongs to other projects
   */
  async checkProject(repoURL: string, project: string | undefined): Promise<void> {
    const projects = await this.#credentials.projectsOf(repoURL);
    if (projects === undefined || (project !== undefined && projects.includes(project))) return;
    throw new RepositoryProjectError(
      `${project === undefined ? 'who belongs to no one project' : `project ${project}`} may not read ${repoURL}: its credential is a Secret of project ${projects.join(', ')}; ` +
        'add a repository Secret without a project, or one of this project',
      { repository: repoURL, ...(project === undefined ? {} : { project }) },
    );
  }

  /** Forgets the repository of a mirror's directory and ends the processes that read it. */
  letGo(name: string): void {
    for (const [href, { mirror }] of this.#byHref) {
      if (basename(mirror.dir) !== name) continue;
      mirror.close();
      this.#byHref.delete(href);
    }
  }

  close(): void {
    for (const { mirror } of this.#byHref.values()) mirror.close();
    this.#byHref.clear();
  }

  #open(url: RepositoryUrl, repoURL: string): Repository {
    const mirror = new GitMirror(this.#runner, join(this.#options.dataDir, mirrorName(url)), repoURL);
    return new Repository(url.href, mirror, () => this.#setup(url, repoURL));
  }

  async #setup(url: RepositoryUrl, repoURL: string): Promise<GitSetup> {
    const credential = await this.#credentials.find(repoURL, url.hostname);
    const addresses = url.scheme === 'file' ? [] : await this.#judge(url);
    return gitSetup({ url, credential, addresses, allowProtocol: this.#options.schemes.join(':') });
  }

  async #judge(url: RepositoryUrl): Promise<string[]> {
    try {
      return (await this.#addresses.resolve(url.hostname)).map(({ address }) => address);
    } catch (error) {
      if (error instanceof AddressDeniedError) throw error;
      throw new GitUnavailableError(`${url.hostname} cannot be resolved: ${messageOf(error)}`, { repository: url.origin });
    }
  }
}
