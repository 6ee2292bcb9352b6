import { z } from 'zod';
import { bearerLogin, secretRefSchema } from '../access.js';
import { segment, treePath, withQuery } from '../api/api-path.js';
import { mapBounded } from '../api/gate.js';
import { nextByCount } from '../api/next-page.js';
import { readPages } from '../api/read-pages.js';
import type { ScmApi } from '../api/scm-api.js';
import type { CloneProtocol } from '../lister.js';
import type { ScmBranch, ScmRepository } from '../repository.js';
import { ownedPullRequests, pullShape, toPullRequest } from './github-pull-request.js';
import { apiBase, defineProvider, hasLabels } from './provider.js';

const entrance = { api: z.string(), tokenRef: secretRefSchema.optional(), insecure: z.boolean().optional() };
const repositoriesSchema = z.strictObject({
  ...entrance,
  owner: z.string(),
  allBranches: z.boolean().optional(),
  excludeArchivedRepos: z.boolean().optional(),
});
const pullRequestsSchema = z.strictObject({ ...entrance, ...ownedPullRequests });
type RepositoriesSpec = z.infer<typeof repositoriesSchema>;
type PullRequestsSpec = z.infer<typeof pullRequestsSchema>;

const repositoryShape = z.object({
  id: z.int(),
  name: z.string(),
  ssh_url: z.string(),
  html_url: z.string(),
  default_branch: z.string(),
  archived: z.boolean().optional(),
});
const branchShape = z.object({ name: z.string(), commit: z.object({ id: z.string() }) });
const labelShape = z.object({ name: z.string() });

/** The server may clamp it, so every page counts as full. */
const ASKED_PAGE_SIZE = 50;
const PAGE_SIZE = 1;
const access = (spec: RepositoriesSpec | PullRequestsSpec) => ({
  base: apiBase(spec.api, '/api/v1'),
  login: bearerLogin(spec.tokenRef, 'token'),
  insecure: spec.insecure,
});

/** Gitea and Forgejo. Source: docs.gitea.com/api (organization, repository, issue). */
export const giteaProvider = defineProvider<RepositoriesSpec, PullRequestsSpec>({
  repositories: {
    key: 'gitea',
    schema: repositoriesSchema,
    access,
    open: (api, spec) => ({
      allBranches: spec.allBranches ?? false,
      repositories: (protocol) => listRepositories(api, spec, protocol),
      defaultBranch: async (repository, name) => {
        const found = await api.find(`${repository.apiPath}/branches/${treePath(name)}`, branchShape);
        return found && toBranch(found);
      },
      branches: async (repository) => (await list(api, `${repository.apiPath}/branches`, branchShape)).map(toBranch),
      hasPath: async (repository, branch, path) => {
        const address = withQuery(`${repository.apiPath}/contents/${treePath(path)}`, { ref: branch.sha });
        return (await api.find(address, z.unknown())) !== undefined;
      },
    }),
  },
  pullRequests: {
    key: 'gitea',
    schema: pullRequestsSchema,
    access,
    read: async (api, spec) => {
      const pulls = await list(api, `repos/${segment(spec.owner)}/${segment(spec.repo)}/pulls`, pullShape, {
        state: 'open',
        sort: 'oldest',
      });
      return pulls.map(toPullRequest).filter(({ labels }) => hasLabels(labels, spec.labels, spec.excludedLabels));
    },
  },
});

async function listRepositories(api: ScmApi, spec: RepositoriesSpec, protocol: CloneProtocol | undefined): Promise<ScmRepository[]> {
  const found = await list(api, `orgs/${segment(spec.owner)}/repos`, repositoryShape);
  const wanted = found.filter(({ archived }) => !(spec.excludeArchivedRepos && archived));
  return mapBounded(wanted, api.limits.concurrency, async (repository) => {
    const apiPath = `repos/${segment(spec.owner)}/${segment(repository.name)}`;
    // What Argo CD calls labels here are the repository's issue labels; Gitea's topics are not asked for.
    const labels = await list(api, `${apiPath}/labels`, labelShape);
    return {
      organization: spec.owner,
      repository: repository.name,
      repositoryId: BigInt(repository.id),
      url: protocol === 'https' ? repository.html_url : repository.ssh_url,
      defaultBranch: repository.default_branch,
      labels: labels.map(({ name }) => name),
      apiPath,
    };
  });
}

function list<Item>(api: ScmApi, path: string, shape: z.ZodType<Item>, query: Readonly<Record<string, string>> = {}): Promise<Item[]> {
  const first = withQuery(path, { ...query, limit: ASKED_PAGE_SIZE, page: 1 });
  return readPages(api, { path: first, items: z.array(shape), next: nextByCount, pageSize: PAGE_SIZE });
}

function toBranch({ name, commit }: z.infer<typeof branchShape>): ScmBranch {
  return { name, sha: commit.id };
}
