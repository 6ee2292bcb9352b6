import { z } from 'zod';
import { bearerLogin, configMapRefSchema, secretRefSchema } from '../access.js';
import { segment, withQuery } from '../api/api-path.js';
import { nextByPageHeader } from '../api/next-page.js';
import { readPages } from '../api/read-pages.js';
import type { ScmApi } from '../api/scm-api.js';
import type { CloneProtocol } from '../lister.js';
import type { ScmBranch, ScmRepository } from '../repository.js';
import { ScmNotFoundError } from '../scm.errors.js';
import { apiBase, cloneUrls, defineProvider, hasLabels } from './provider.js';

const entrance = {
  api: z.string().optional(),
  tokenRef: secretRefSchema.optional(),
  insecure: z.boolean().optional(),
  caRef: configMapRefSchema.optional(),
};
const repositoriesSchema = z.strictObject({
  ...entrance,
  group: z.string(),
  includeSubgroups: z.boolean().optional(),
  includeSharedProjects: z.boolean().optional(),
  topic: z.string().optional(),
  allBranches: z.boolean().optional(),
});
const pullRequestsSchema = z.strictObject({
  ...entrance,
  project: z.string(),
  labels: z.array(z.string()).optional(),
  excludedLabels: z.array(z.string()).optional(),
  pullRequestState: z.string().optional(),
});
type RepositoriesSpec = z.infer<typeof repositoriesSchema>;
type PullRequestsSpec = z.infer<typeof pullRequestsSchema>;

const projectShape = z.object({
  id: z.int(),
  path: z.string(),
  namespace: z.object({ full_path: z.string() }),
  ssh_url_to_repo: z.string(),
  http_url_to_repo: z.string(),
  default_branch: z.string().nullish(),
  topics: z.array(z.string()).optional(),
  tag_list: z.array(z.string()).optional(),
});
const branchShape = z.object({ name: z.string(), commit: z.object({ id: z.string() }) });
const entryShape = z.object({ path: z.string() });
const mergeRequestShape = z.object({
  iid: z.int(),
  title: z.string(),
  source_branch: z.string(),
  target_branch: z.string(),
  sha: z.string().nullish(),
  author: z.object({ username: z.string() }).nullish(),
  labels: z.array(z.string()),
  /** `<project>/-/merge_requests/1`; before GitLab 12.10 without the `-`. */
  web_url: z.string(),
});

const PAGE_SIZE = 100;
const access = (spec: RepositoriesSpec | PullRequestsSpec) => ({
  base: apiBase(spec.api || 'https://gitlab.com', '/api/v4'),
  login: bearerLogin(spec.tokenRef),
  caRef: spec.caRef,
  insecure: spec.insecure,
});

/** GitLab.com and self-managed GitLab. Source: docs.gitlab.com/api (groups, branches, repositories, merge_requests). */
export const gitlabProvider = defineProvider<RepositoriesSpec, PullRequestsSpec>({
  repositories: {
    key: 'gitlab',
    schema: repositoriesSchema,
    access,
    open: (api, spec) => ({
      allBranches: spec.allBranches ?? false,
      repositories: (protocol) => listProjects(api, spec, protocol),
      defaultBranch: async (repository, name) => {
        const found = await api.find(`${repository.apiPath}/repository/branches/${segment(name)}`, branchShape);
        return found && toBranch(found);
      },
      branches: (repository) => listBranches(api, repository),
      hasPath: (repository, branch, path) => hasPath(api, repository, branch, path),
    }),
  },
  pullRequests: {
    key: 'gitlab',
    schema: pullRequestsSchema,
    access,
    read: async (api, spec) => {
      const path = withQuery(`projects/${segment(spec.project)}/merge_requests`, {
        // Without a state GitLab lists all of them, closed ones too; so does Argo CD.
        state: spec.pullRequestState || undefined,
        labels: spec.labels?.length ? spec.labels.join(',') : undefined,
        order_by: 'created_at',
        sort: 'asc',
        per_page: PAGE_SIZE,
      });
      const found = await readPages(api, { path, items: z.array(mergeRequestShape), next: nextByPageHeader, pageSize: PAGE_SIZE });
      return found
        .filter(({ labels }) => hasLabels(labels, spec.labels, spec.excludedLabels))
        .map((request) => ({
          repositoryUrls: cloneUrls(request.web_url.replace(/(?:\/-)?\/merge_requests\/\d+$/, '')),
          number: request.iid,
          title: request.title,
          branch: request.source_branch,
          targetBranch: request.target_branch,
          headSha: request.sha ?? '',
          labels: request.labels,
          author: request.author?.username ?? 'ghost',
        }));
    },
  },
});

async function listProjects(api: ScmApi, spec: RepositoriesSpec, protocol: CloneProtocol | undefined): Promise<ScmRepository[]> {
  const path = withQuery(`groups/${segment(spec.group)}/projects`, {
    include_subgroups: String(spec.includeSubgroups ?? false),
    with_shared: String(spec.includeSharedProjects ?? true),
    topic: spec.topic || undefined,
    order_by: 'id',
    sort: 'asc',
    per_page: PAGE_SIZE,
  });
  const found = await readPages(api, { path, items: z.array(projectShape), next: nextByPageHeader, pageSize: PAGE_SIZE });
  return found.map((project) => ({
    organization: project.namespace.full_path,
    repository: project.path,
    repositoryId: BigInt(project.id),
    url: protocol === 'https' ? project.http_url_to_repo : project.ssh_url_to_repo,
    defaultBranch: project.default_branch ?? '',
    // Topics were called tags before GitLab 14.5.
    labels: (project.topics?.length ? project.topics : project.tag_list) ?? [],
    apiPath: `projects/${project.id}`,
  }));
}

async function listBranches(api: ScmApi, repository: ScmRepository): Promise<ScmBranch[] | undefined> {
  const path = withQuery(`${repository.apiPath}/repository/branches`, { per_page: PAGE_SIZE });
  try {
    return (await readPages(api, { path, items: z.array(branchShape), next: nextByPageHeader, pageSize: PAGE_SIZE })).map(toBranch);
  } catch (error) {
    // A project whose repository was switched off.
    if (error instanceof ScmNotFoundError) return undefined;
    throw error;
  }
}

/** One call for files and directories alike: the entries of the directory around the path. */
async function hasPath(api: ScmApi, repository: ScmRepository, branch: ScmBranch, path: string): Promise<boolean> {
  const parent = path.split('/').slice(0, -1).join('/');
  const address = withQuery(`${repository.apiPath}/repository/tree`, { path: parent || undefined, ref: branch.sha, per_page: PAGE_SIZE });
  try {
    const entries = await readPages(api, { path: address, items: z.array(entryShape), next: nextByPageHeader, pageSize: PAGE_SIZE });
    return entries.some((entry) => entry.path === path);
  } catch (error) {
    if (error instanceof ScmNotFoundError) return false;
    throw error;
  }
}

function toBranch({ name, commit }: z.infer<typeof branchShape>): ScmBranch {
  return { name, sha: commit.id };
}
