/** A repository as its host lists it. */
export interface ScmRepository {
  /** GitHub organization, GitLab group path, Bitbucket workspace or project key, Azure DevOps organization. */
  organization: string;
  repository: string;
  /** A bigint where the host counts, a text where it names (Bitbucket Cloud and Azure DevOps: a UUID). */
  repositoryId: bigint | string;
  /** Where to clone it, by the wanted protocol. */
  url: string;
  /** '' for a repository without commits; undefined where the host's list does not say. */
  defaultBranch: string | undefined;
  /** Topics; labels on Gitea; none on Bitbucket and Azure DevOps. */
  labels: readonly string[];
  /** Where the host's API keeps it, below the API's base address. */
  apiPath: string;
}

export interface ScmBranch {
  name: string;
  sha: string;
}

/** A branch that passed the filters: what one parameter set of scmProvider is made from. */
export interface SelectedBranch extends ScmRepository {
  branch: string;
  sha: string;
}

export interface ScmPullRequest {
  /** The repository it asks to change, by the addresses it is cloned from: https first, then ssh. */
  repositoryUrls: readonly string[];
  number: number;
  title: string;
  branch: string;
  targetBranch: string;
  headSha: string;
  labels: readonly string[];
  author: string;
}
