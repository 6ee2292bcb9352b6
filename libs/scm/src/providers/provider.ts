import type { z } from 'zod';
import type { Access } from '../access.js';
import type { ScmApi } from '../api/scm-api.js';
import type { CloneProtocol } from '../lister.js';
import type { ScmBranch, ScmPullRequest, ScmRepository } from '../repository.js';

/** How one host answers what a RepositoryLister asks. Undefined is "the host has no such thing" (404), never "unknown". */
export interface RepositoryCalls {
  allBranches: boolean;
  repositories(protocol: CloneProtocol | undefined): Promise<ScmRepository[]>;
  /** @param name what the list said, '' where it does not say */
  defaultBranch(repository: ScmRepository, name: string): Promise<ScmBranch | undefined>;
  branches(repository: ScmRepository): Promise<ScmBranch[] | undefined>;
  hasPath(repository: ScmRepository, branch: ScmBranch, path: string): Promise<boolean>;
}

export interface RepositorySource<Spec> {
  /** Its key in `scmProvider`. */
  key: string;
  schema: z.ZodType<Spec>;
  access(spec: Spec): Access;
  open(api: ScmApi, spec: Spec): RepositoryCalls;
}

export interface PullRequestSource<Spec> {
  /** Its key in `pullRequest`. */
  key: string;
  schema: z.ZodType<Spec>;
  access(spec: Spec): Access;
  /** Pull requests that meet the specification's state and labels. */
  read(api: ScmApi, spec: Spec): Promise<ScmPullRequest[]>;
}

/** A kind of Git host: one file, its schemas, one test; adding one touches only the registry. */
export interface ScmProvider {
  repositories: RepositorySource<unknown>;
  pullRequests: PullRequestSource<unknown>;
}

/** Lets the registry hold hosts of different specifications; the schema has checked one before `access` and `open` see it. */
export function defineProvider<R, P>(provider: { repositories: RepositorySource<R>; pullRequests: PullRequestSource<P> }): ScmProvider {
  return provider as unknown as ScmProvider;
}

/** `base` with a slash at its end and, unless it is there already, a fixed tail: `/api/v4`. */
export function apiBase(address: string, tail: string): string {
  const trimmed = address.replace(/\/+$/, '');
  return `${trimmed.endsWith(tail) ? trimmed : trimmed + tail}/`;
}

/** What a repository with this page is cloned from, where the host keeps both under one path. */
export function cloneUrls(page: string): string[] {
  const url = URL.parse(page);
  return url ? [url.href, `git@${url.hostname}:${url.pathname.slice(1)}`] : [];
}

/** All wanted labels are there and none of the unwanted. */
export function hasLabels(labels: readonly string[], wanted: readonly string[] = [], unwanted: readonly string[] = []): boolean {
  return wanted.every((label) => labels.includes(label)) && !unwanted.some((label) => labels.includes(label));
}
