import type { ScmBranch, ScmPullRequest, ScmRepository } from './repository.js';

/** Clone addresses: ssh when nothing is said, as in Argo CD. */
export type CloneProtocol = 'ssh' | 'https';

export interface ListOptions {
  cloneProtocol?: CloneProtocol;
}

/**
 * Reads the repositories of one organization, group or project. An answer is whole or an error of `scm.errors.ts`; a list
 * that could not be read to its end never looks like a shorter one.
 */
export interface RepositoryLister {
  /** Branches are all of a repository, not only its default one. */
  readonly allBranches: boolean;
  list(options?: ListOptions): AsyncIterable<ScmRepository>;
  /** The branches that count, with the commit each points at; none for a repository without commits. */
  branches(repository: ScmRepository): Promise<readonly ScmBranch[]>;
  /** Whether a file or directory is in the branch's commit; `path` has no slash at either end. */
  hasPath(repository: ScmRepository, branch: ScmBranch, path: string): Promise<boolean>;
}

/** Reads the pull requests (merge requests) of one repository, by the state and labels its specification asks for. */
export interface PullRequestLister {
  list(): AsyncIterable<ScmPullRequest>;
}
