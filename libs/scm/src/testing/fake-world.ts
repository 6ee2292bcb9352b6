export interface FakePull {
  number: number;
  title: string;
  branch: string;
  target: string;
  sha: string;
  labels: string[];
  author: string;
  state?: 'open' | 'closed';
}

export interface FakeBranch {
  sha: string;
  /** Files; their directories are there too. */
  paths: string[];
}

export interface FakeRepository {
  id: number;
  name: string;
  labels: string[];
  archived?: boolean;
  /** Missing: the repository has no commits. */
  defaultBranch?: string;
  branches: Record<string, FakeBranch>;
  pulls: FakePull[];
}

/** What a fake host holds: one organization. */
export interface FakeWorld {
  organization: string;
  repositories: FakeRepository[];
}

export function repository(id: number, name: string, more: Partial<FakeRepository> = {}): FakeRepository {
  return { id, name, labels: [], defaultBranch: 'main', branches: { main: { sha: shaOf(id), paths: ['README.md'] } }, pulls: [], ...more };
}

export function pull(number: number, more: Partial<FakePull> = {}): FakePull {
  return {
    number,
    title: `Change ${number}`,
    branch: `feature/${number}`,
    target: 'main',
    sha: shaOf(number),
    labels: [],
    author: 'ada',
    ...more,
  };
}

/** A commit id that tells its number. */
export function shaOf(number: number): string {
  return number.toString(16).padStart(40, '0');
}

export function hasFakePath(branch: FakeBranch, path: string): boolean {
  return branch.paths.some((file) => file === path || file.startsWith(`${path}/`));
}
