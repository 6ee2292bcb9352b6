import { z } from 'zod';
import type { ScmPullRequest } from '../repository.js';

/** Fields of a generator that asks for the pull requests of one owner's repository. */
export const ownedPullRequests = {
  owner: z.string(),
  repo: z.string(),
  labels: z.array(z.string()).optional(),
  excludedLabels: z.array(z.string()).optional(),
};

/** A pull request as GitHub's API writes it, and Gitea's and Forgejo's after it. */
export const pullShape = z.object({
  number: z.int(),
  title: z.string(),
  head: z.object({ ref: z.string(), sha: z.string() }),
  base: z.object({ ref: z.string(), repo: z.object({ clone_url: z.string(), ssh_url: z.string() }) }),
  user: z.object({ login: z.string() }).nullish(),
  labels: z.array(z.object({ name: z.string() })).nullish(),
});

export function toPullRequest(pull: z.infer<typeof pullShape>): ScmPullRequest {
  return {
    repositoryUrls: [pull.base.repo.clone_url, pull.base.repo.ssh_url],
    number: pull.number,
    title: pull.title,
    branch: pull.head.ref,
    targetBranch: pull.base.ref,
    headSha: pull.head.sha,
    labels: (pull.labels ?? []).map(({ name }) => name),
    // An account that is gone leaves its pull requests behind.
    author: pull.user?.login ?? 'ghost',
  };
}
