import { z } from 'zod';
import type { ScmBranch, ScmRepository } from '../repository.js';
import { compilePattern, type NamePattern } from './name-pattern.js';

export const repositoryFilterSchema = z.strictObject({
  repositoryMatch: z.string().optional(),
  labelMatch: z.string().optional(),
  branchMatch: z.string().optional(),
  pathsExist: z.array(z.string()).optional(),
  pathsDoNotExist: z.array(z.string()).optional(),
});
export type RepositoryFilter = z.infer<typeof repositoryFilterSchema>;

export interface RepositoryFilters {
  /** Conditions on the repository: its name and labels. */
  acceptsRepository(repository: Pick<ScmRepository, 'repository' | 'labels'>): boolean;
  /** Conditions on a branch: its name and what is in its commit. Paths are asked for only when the name does not decide. */
  acceptsBranch(branch: ScmBranch, hasPath: (path: string) => Promise<boolean>): Promise<boolean>;
}

interface Compiled {
  repositoryMatch: NamePattern | undefined;
  labelMatch: NamePattern | undefined;
  branchMatch: NamePattern | undefined;
  exist: string[];
  absent: string[];
}

/**
 * The conditions of an entry must all hold, and one entry must fit. As in Argo CD that is judged twice: a repository must
 * fit one of the entries that have conditions on repositories, and each of its branches one of those that have conditions
 * on branches. So `[{repositoryMatch: a}, {branchMatch: b}]` means both, not either; see mixesFilters.
 * Source: argo-cd applicationset/services/scm_provider/utils.go.
 *
 * @param path of the list in the document, for errors
 */
export function compileRepositoryFilters(filters: readonly RepositoryFilter[], path = 'filters'): RepositoryFilters {
  const entries = filters.map((filter, i) => compile(filter, `${path}[${i}]`));
  const onRepository = entries.filter(({ repositoryMatch, labelMatch }) => repositoryMatch || labelMatch);
  const onBranch = entries.filter(({ branchMatch, exist, absent }) => branchMatch || exist.length > 0 || absent.length > 0);
  return {
    acceptsRepository: (repository) => onRepository.length === 0 || onRepository.some((entry) => fitsRepository(entry, repository)),
    acceptsBranch: async (branch, hasPath) => {
      if (onBranch.length === 0) return true;
      for (const entry of onBranch) if (await fitsBranch(entry, branch, hasPath)) return true;
      return false;
    },
  };
}

/** Whether a list has entries that judge repositories beside entries that judge branches only, where "one entry fits" is not what Argo CD does. */
export function mixesFilters(filters: readonly RepositoryFilter[]): boolean {
  const kinds = filters.map((filter) => ({
    repository: filter.repositoryMatch !== undefined || filter.labelMatch !== undefined,
    branch: filter.branchMatch !== undefined || Boolean(filter.pathsExist?.length) || Boolean(filter.pathsDoNotExist?.length),
  }));
  return filters.length > 1 && kinds.some(({ repository }) => repository) && kinds.some(({ branch }) => branch);
}

function compile(filter: RepositoryFilter, path: string): Compiled {
  const pattern = (field: 'repositoryMatch' | 'labelMatch' | 'branchMatch') =>
    filter[field] === undefined ? undefined : compilePattern(filter[field], `${path}.${field}`);
  return {
    repositoryMatch: pattern('repositoryMatch'),
    labelMatch: pattern('labelMatch'),
    branchMatch: pattern('branchMatch'),
    exist: (filter.pathsExist ?? []).map(trimSlashes),
    absent: (filter.pathsDoNotExist ?? []).map(trimSlashes),
  };
}

function fitsRepository(entry: Compiled, { repository, labels }: Pick<ScmRepository, 'repository' | 'labels'>): boolean {
  if (entry.repositoryMatch && !entry.repositoryMatch.test(repository)) return false;
  return !entry.labelMatch || labels.some((label) => entry.labelMatch!.test(label));
}

async function fitsBranch(entry: Compiled, branch: ScmBranch, hasPath: (path: string) => Promise<boolean>): Promise<boolean> {
  if (entry.branchMatch && !entry.branchMatch.test(branch.name)) return false;
  for (const path of entry.exist) if (!(await hasPath(path))) return false;
  for (const path of entry.absent) if (await hasPath(path)) return false;
  return true;
}

function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}
