import { mapBounded } from './api/gate.js';
import type { RepositoryFilters } from './filter/repository-filter.js';
import type { ScmLimits } from './limits.js';
import type { CloneProtocol, RepositoryLister } from './lister.js';
import type { ScmBranch, ScmRepository, SelectedBranch } from './repository.js';
import { ScmLimitError } from './scm.errors.js';

/**
 * The branches that pass the filters, sorted by organization, repository and branch; Argo CD keeps the host's order. All of
 * them or an error: one repository that cannot be read fails the selection.
 */
export async function selectRepositories(
  lister: RepositoryLister,
  filters: RepositoryFilters,
  { cloneProtocol, limits }: { cloneProtocol?: CloneProtocol | undefined; limits: ScmLimits },
): Promise<SelectedBranch[]> {
  const repositories: ScmRepository[] = [];
  for await (const repository of lister.list(cloneProtocol ? { cloneProtocol } : {})) {
    if (filters.acceptsRepository(repository)) repositories.push(repository);
  }
  let branches = 0;
  const selected = await mapBounded(repositories, limits.concurrency, async (repository) => {
    const found = await lister.branches(repository);
    branches += found.length;
    if (branches > limits.items)
      throw new ScmLimitError(`the repositories have more than ${limits.items} branches; filter repositories by name`);
    const accepted = await mapBounded(found, limits.concurrency, (branch) =>
      filters.acceptsBranch(branch, rememberPaths(lister, repository, branch)),
    );
    return found.filter((_, i) => accepted[i]).map((branch) => ({ ...repository, branch: branch.name, sha: branch.sha }));
  });
  return selected.flat().sort(inOrder);
}

/** A path that two entries of the filters name is asked for once. */
function rememberPaths(lister: RepositoryLister, repository: ScmRepository, branch: ScmBranch): (path: string) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  return (path) => {
    const answer = known.get(path) ?? (path === '' ? Promise.resolve(true) : lister.hasPath(repository, branch, path));
    known.set(path, answer);
    return answer;
  };
}

function inOrder(a: SelectedBranch, b: SelectedBranch): number {
  return compare(a.organization, b.organization) || compare(a.repository, b.repository) || compare(a.branch, b.branch);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
