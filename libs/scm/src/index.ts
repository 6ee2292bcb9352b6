export { type ConfigMapRef, type ScmSecrets, type SecretRef, secretRefSchema } from './access.js';
export { compilePullRequestFilters, type PullRequestFilter, pullRequestFilterSchema } from './filter/pull-request-filter.js';
export {
  compileRepositoryFilters,
  mixesFilters,
  type RepositoryFilter,
  type RepositoryFilters,
  repositoryFilterSchema,
} from './filter/repository-filter.js';
export { readPullRequest, readScmProvider } from './generator-spec.js';
export { DEFAULT_SCM_LIMITS, type ScmLimits } from './limits.js';
export type { CloneProtocol, ListOptions, PullRequestLister, RepositoryLister } from './lister.js';
export { branchSlug } from './params/branch-slug.js';
export { pullRequestParams } from './params/pull-request-params.js';
export { repositoryParams } from './params/repository-params.js';
export { SCM_PROVIDERS, UNSUPPORTED_SCM_PROVIDERS } from './providers/registry.js';
export type { ScmBranch, ScmPullRequest, ScmRepository, SelectedBranch } from './repository.js';
export {
  ScmAnswerError,
  ScmForbiddenError,
  ScmLimitError,
  ScmListChangedError,
  ScmNotFoundError,
  ScmOriginError,
  ScmRateLimitedError,
  ScmSpecError,
  ScmUnauthorizedError,
  ScmUnavailableError,
} from './scm.errors.js';
export { type ScmCall, ScmClient, type ScmClientOptions } from './scm-client.js';
