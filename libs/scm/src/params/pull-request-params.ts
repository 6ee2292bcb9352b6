import type { ScmPullRequest } from '../repository.js';
import { branchSlug } from './branch-slug.js';

/**
 * Parameters of one pull request, by the names of Argo CD's generator. `labels` is a list, and only with goTemplate.
 * Source: argo-cd applicationset/generators/pull_request.go.
 */
export function pullRequestParams(
  request: ScmPullRequest,
  { goTemplate }: { goTemplate: boolean },
): Record<string, string | readonly string[]> {
  return {
    number: String(request.number),
    title: request.title,
    branch: request.branch,
    branch_slug: branchSlug(request.branch),
    target_branch: request.targetBranch,
    target_branch_slug: branchSlug(request.targetBranch),
    head_sha: request.headSha,
    head_short_sha: request.headSha.slice(0, 8),
    head_short_sha_7: request.headSha.slice(0, 7),
    author: request.author,
    ...(goTemplate ? { labels: request.labels } : {}),
  };
}
