import { z } from 'zod';
import type { ScmApi } from './api/scm-api.js';
import type { ListOptions, PullRequestLister, RepositoryLister } from './lister.js';
import type { PullRequestSource, RepositoryCalls } from './providers/provider.js';
import type { ScmBranch, ScmPullRequest, ScmRepository } from './repository.js';
import { ScmAnswerError } from './scm.errors.js';

/** Git also knows addresses that start programs (`ext::sh -c ...`) and reads some as options; a host has no reason to name one. */
const CLONE_ADDRESS = /^(https?:\/\/|ssh:\/\/|[\w.-]+@[\w.-]+:)[^\s\p{C}]+$/u;

/**
 * A lister over the calls of one host. A host says "not found" also of what a token may no longer see; before a branch or
 * path counts as missing, the repository itself must still be readable.
 */
export class HostRepositories implements RepositoryLister {
  readonly #api: ScmApi;
  readonly #calls: RepositoryCalls;
  readonly #readable = new Set<string>();

  constructor(api: ScmApi, calls: RepositoryCalls) {
    this.#api = api;
    this.#calls = calls;
  }

  get allBranches(): boolean {
    return this.#calls.allBranches;
  }

  async *list({ cloneProtocol }: ListOptions = {}): AsyncIterable<ScmRepository> {
    for (const repository of await this.#calls.repositories(cloneProtocol)) {
      if (!CLONE_ADDRESS.test(repository.url)) {
        throw new ScmAnswerError(`${repository.apiPath}: the host gives no https or ssh address to clone it from`, {
          repository: repository.repository,
        });
      }
      yield repository;
    }
  }

  async branches(repository: ScmRepository): Promise<readonly ScmBranch[]> {
    if (this.allBranches) {
      const all = await this.#calls.branches(repository);
      if (!all) await this.#confirm(repository);
      return all ?? [];
    }
    if (repository.defaultBranch === '') return [];
    const branch = await this.#calls.defaultBranch(repository, repository.defaultBranch ?? '');
    if (!branch) await this.#confirm(repository);
    return branch ? [branch] : [];
  }

  async hasPath(repository: ScmRepository, branch: ScmBranch, path: string): Promise<boolean> {
    const has = await this.#calls.hasPath(repository, branch, path);
    if (!has) await this.#confirm(repository);
    return has;
  }

  /** @throws ScmNotFoundError when the repository cannot be read (any more) */
  async #confirm(repository: ScmRepository): Promise<void> {
    if (this.#readable.has(repository.apiPath)) return;
    await this.#api.get(repository.apiPath, z.unknown());
    this.#readable.add(repository.apiPath);
  }
}

export class HostPullRequests<Spec> implements PullRequestLister {
  readonly #api: ScmApi;
  readonly #source: PullRequestSource<Spec>;
  readonly #spec: Spec;

  constructor(api: ScmApi, source: PullRequestSource<Spec>, spec: Spec) {
    this.#api = api;
    this.#source = source;
    this.#spec = spec;
  }

  async *list(): AsyncIterable<ScmPullRequest> {
    yield* await this.#source.read(this.#api, this.#spec);
  }
}
