import { z } from 'zod';
import type { ScmPullRequest } from '../repository.js';
import { compilePattern } from './name-pattern.js';

export const pullRequestFilterSchema = z.strictObject({
  branchMatch: z.string().optional(),
  targetBranchMatch: z.string().optional(),
  titleMatch: z.string().optional(),
});
export type PullRequestFilter = z.infer<typeof pullRequestFilterSchema>;

/**
 * One entry must fit with all its conditions; no entries accept everything.
 * Source: argo-cd applicationset/services/pull_request/utils.go.
 *
 * @param path of the list in the document, for errors
 */
export function compilePullRequestFilters(filters: readonly PullRequestFilter[], path = 'filters'): (request: ScmPullRequest) => boolean {
  const entries = filters.map((filter, i) => {
    const conditions = [
      { field: 'branchMatch', pattern: filter.branchMatch, read: ({ branch }: ScmPullRequest) => branch },
      { field: 'targetBranchMatch', pattern: filter.targetBranchMatch, read: ({ targetBranch }: ScmPullRequest) => targetBranch },
      { field: 'titleMatch', pattern: filter.titleMatch, read: ({ title }: ScmPullRequest) => title },
    ].flatMap(({ field, pattern, read }) =>
      pattern === undefined ? [] : [{ read, pattern: compilePattern(pattern, `${path}[${i}].${field}`) }],
    );
    return (request: ScmPullRequest) => conditions.every(({ read, pattern }) => pattern.test(read(request)));
  });
  return (request) => entries.length === 0 || entries.some((fits) => fits(request));
}
