import { z } from 'zod';
import { bearerLogin, secretRefSchema } from '../access.js';
import { segment, treePath, withQuery } from '../api/api-path.js';
import { nextByLink } from '../api/next-page.js';
import { readPages } from '../api/read-pages.js';
import type { ScmApi } from '../api/scm-api.js';
import type { CloneProtocol } from '../lister.js';
import type { ScmBranch, ScmRepository } from '../repository.js';
import { ScmSpecError } from '../scm.errors.js';
import { ownedPullRequests, pullShape, toPullRequest } from './github-pull-request.js';
import { defineProvider, hasLabels } from './provider.js';

const entrance = { api: z.string().optional(), tokenRef: secretRefSchema.optional(), appSecretName: z.string().optional() };
const repositoriesSchema = z.strictObject({
  ...entrance,
  organization: z.string(),
  allBranches: z.boolean().optional(),
  excludeArchivedRepos: z.boolean().optional(),
});
const pullRequestsSchema = z.strictObject({ ...entrance, ...ownedPullRequests });
type RepositoriesSpec = z.infer<typeof repositoriesSchema>;
type PullRequestsSpec = z.infer<typeof pullRequestsSchema>;

const repositoryShape = z.object({
  id: z.int(),
  name: z.string(),
  owner: z.object({ login: z.string() }),
  ssh_url: z.string(),
  clone_url: z.string(),
  default_branch: z.string(),
  topics: z.array(z.string()).optional(),
  archived: z.boolean().optional(),
});
const branchShape = z.object({ name: z.string(), commit: z.object({ sha: z.string() }) });

const PAGE_SIZE = 100;
const JSON_TYPE = 'application/vnd.github+json';
/** Directories and files of any size, without their content where it is large. */
const OBJECT_TYPE = 'application/vnd.github.object+json';

/** GitHub and GitHub Enterprise. Source: docs.github.com/rest (repos, branches, contents, pulls). */
export const githubProvider = defineProvider<RepositoriesSpec, PullRequestsSpec>({
  repositories: {
    key: 'github',
    schema: repositoriesSchema,
    access,
    open: (api, spec) => ({
      allBranches: spec.allBranches ?? false,
      repositories: (protocol) => listRepositories(api, spec, protocol),
      defaultBranch: async (repository, name) => {
        const found = await api.find(`${repository.apiPath}/branches/${segment(name)}`, branchShape, JSON_TYPE);
        return found && toBranch(found);
      },
      branches: async (repository) => {
        const path = withQuery(`${repository.apiPath}/branches`, { per_page: PAGE_SIZE });
        return (await readPages(api, { path, items: z.array(branchShape), next: nextByLink, pageSize: PAGE_SIZE })).map(toBranch);
      },
      hasPath: async (repository, branch, path) => {
        const address = withQuery(`${repository.apiPath}/contents/${treePath(path)}`, { ref: branch.sha });
        return (await api.find(address, z.unknown(), OBJECT_TYPE)) !== undefined;
      },
    }),
  },
  pullRequests: {
    key: 'github',
    schema: pullRequestsSchema,
    access,
    read: async (api, spec) => {
      const path = withQuery(`repos/${segment(spec.owner)}/${segment(spec.repo)}/pulls`, {
        state: 'open',
        sort: 'created',
        direction: 'asc',
        per_page: PAGE_SIZE,
      });
      const pulls = await readPages(api, { path, items: z.array(pullShape), next: nextByLink, pageSize: PAGE_SIZE });
      return pulls.map(toPullRequest).filter(({ labels }) => hasLabels(labels, spec.labels, spec.excludedLabels));
    },
  },
});

function access(spec: RepositoriesSpec | PullRequestsSpec) {
  if (spec.appSecretName !== undefined) {
    throw new ScmSpecError(
      'appSecretName: GitHub Apps are not supported; name a token with tokenRef (a fine-grained one can be as narrow)',
    );
  }
  return { base: baseOf(spec.api), login: bearerLogin(spec.tokenRef) };
}

/** GitHub Enterprise Server keeps its API below /api/v3 unless a host name says API already; as go-github decides it. */
function baseOf(api: string | undefined): string {
  if (!api) return 'https://api.github.com/';
  const address = `${api.replace(/\/+$/, '')}/`;
  const host = URL.parse(address)?.host ?? '';
  return address.endsWith('/api/v3/') || host.startsWith('api.') || host.includes('.api.') ? address : `${address}api/v3/`;
}

async function listRepositories(api: ScmApi, spec: RepositoriesSpec, protocol: CloneProtocol | undefined): Promise<ScmRepository[]> {
  // Oldest first: what is added while pages are read comes after them.
  const path = withQuery(`orgs/${segment(spec.organization)}/repos`, { sort: 'created', direction: 'asc', per_page: PAGE_SIZE });
  const found = await readPages(api, { path, items: z.array(repositoryShape), next: nextByLink, pageSize: PAGE_SIZE });
  return found
    .filter(({ archived }) => !(spec.excludeArchivedRepos && archived))
    .map((repository) => ({
      organization: repository.owner.login,
      repository: repository.name,
      repositoryId: BigInt(repository.id),
      url: protocol === 'https' ? repository.clone_url : repository.ssh_url,
      defaultBranch: repository.default_branch,
      labels: repository.topics ?? [],
      apiPath: `repos/${segment(repository.owner.login)}/${segment(repository.name)}`,
    }));
}

function toBranch({ name, commit }: z.infer<typeof branchShape>): ScmBranch {
  return { name, sha: commit.sha };
}
