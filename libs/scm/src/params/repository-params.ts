import { sanitizeName } from '@flotilla/templating';
import type { SelectedBranch } from '../repository.js';

/**
 * Parameters of one branch, by the names of Argo CD's scmProvider generator. Everything is text but `repository_id` of
 * hosts that count: a bigint, which templates know as int64 and plain substitution leaves alone.
 * Source: argo-cd applicationset/generators/scm_provider.go.
 */
export function repositoryParams(selected: SelectedBranch): Record<string, string | bigint> {
  return {
    organization: selected.organization,
    repository: selected.repository,
    repository_id: selected.repositoryId,
    url: selected.url,
    branch: selected.branch,
    branchNormalized: sanitizeName(selected.branch),
    sha: selected.sha,
    short_sha: selected.sha.slice(0, 8),
    short_sha_7: selected.sha.slice(0, 7),
    labels: selected.labels.join(','),
  };
}
