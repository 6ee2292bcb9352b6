import { z } from 'zod';
import { basicLogin, secretRefSchema } from '../access.js';
import { segment, withQuery } from '../api/api-path.js';
import { nextByContinuation, nextBySkip } from '../api/next-page.js';
import { readPages } from '../api/read-pages.js';
import type { ScmApi } from '../api/scm-api.js';
import type { ScmBranch, ScmRepository } from '../repository.js';
import { defineProvider, hasLabels } from './provider.js';

const repositoriesSchema = z.strictObject({
  organization: z.string(),
  teamProject: z.string(),
  accessTokenRef: secretRefSchema,
  api: z.string().optional(),
  allBranches: z.boolean().optional(),
});
const pullRequestsSchema = z.strictObject({
  organization: z.string(),
  project: z.string(),
  repo: z.string(),
  tokenRef: secretRefSchema.optional(),
  api: z.string().optional(),
  labels: z.array(z.string()).optional(),
});
type RepositoriesSpec = z.infer<typeof repositoriesSchema>;
type PullRequestsSpec = z.infer<typeof pullRequestsSchema>;

const repositoryShape = z.object({
  id: z.string(),
  name: z.string(),
  defaultBranch: z.string().optional(),
  remoteUrl: z.string(),
  isDisabled: z.boolean().optional(),
});
const refShape = z.object({ name: z.string(), objectId: z.string() });
const pullShape = z.object({
  repository: z.object({ name: z.string(), project: z.object({ name: z.string() }) }),
  pullRequestId: z.int(),
  title: z.string(),
  sourceRefName: z.string(),
  targetRefName: z.string(),
  lastMergeSourceCommit: z.object({ commitId: z.string() }).nullish(),
  createdBy: z.object({ uniqueName: z.string() }).nullish(),
  labels: z.array(z.object({ name: z.string() })).nullish(),
});
const listOf = <Item>(shape: z.ZodType<Item>) => z.object({ value: z.array(shape) }).transform(({ value }) => value);

const API_VERSION = '7.1';
const PAGE_SIZE = 1000;
const PULLS_PAGE_SIZE = 100;
const HEADS = 'refs/heads/';
const baseOf = (api: string | undefined, organization: string): string =>
  `${(api || 'https://dev.azure.com').replace(/\/+$/, '')}/${segment(organization)}/`;

/** Azure DevOps Services and Server, API 7.1. Source: learn.microsoft.com/rest/api/azure/devops/git (repositories, refs, items, pull requests). */
export const azureDevOpsProvider = defineProvider<RepositoriesSpec, PullRequestsSpec>({
  repositories: {
    key: 'azureDevOps',
    schema: repositoriesSchema,
    access: (spec) => ({ base: baseOf(spec.api, spec.organization), login: basicLogin('', spec.accessTokenRef) }),
    open: (api, spec) => ({
      allBranches: spec.allBranches ?? false,
      repositories: () => listRepositories(api, spec),
      defaultBranch: async (repository, name) => {
        // The filter is a prefix.
        const refs = await listBranches(api, repository, name);
        return refs.find((ref) => ref.name === name);
      },
      branches: (repository) => listBranches(api, repository, ''),
      hasPath: async (repository, branch, path) => {
        const address = withQuery(`${repository.apiPath}/items`, {
          path: `/${path}`,
          'versionDescriptor.version': branch.sha,
          'versionDescriptor.versionType': 'commit',
          $format: 'json',
          'api-version': API_VERSION,
        });
        return (await api.find(address, z.unknown())) !== undefined;
      },
    }),
  },
  pullRequests: {
    key: 'azuredevops',
    schema: pullRequestsSchema,
    access: (spec) => ({ base: baseOf(spec.api, spec.organization), login: spec.tokenRef && basicLogin('', spec.tokenRef) }),
    read: async (api, spec) => {
      const path = withQuery(`${segment(spec.project)}/_apis/git/repositories/${segment(spec.repo)}/pullrequests`, {
        'searchCriteria.status': 'active',
        $top: PULLS_PAGE_SIZE,
        'api-version': API_VERSION,
      });
      const pulls = await readPages(api, { path, items: listOf(pullShape), next: nextBySkip, pageSize: PULLS_PAGE_SIZE });
      return pulls
        .map((pull) => ({
          repositoryUrls: pullUrls(spec, pull.repository),
          number: pull.pullRequestId,
          title: pull.title,
          branch: withoutHeads(pull.sourceRefName),
          targetBranch: withoutHeads(pull.targetRefName),
          headSha: pull.lastMergeSourceCommit?.commitId ?? '',
          labels: (pull.labels ?? []).map(({ name }) => name),
          author: pull.createdBy?.uniqueName.split('@')[0] ?? '',
        }))
        .filter(({ headSha, labels }) => headSha !== '' && hasLabels(labels, spec.labels));
    },
  },
});

/** The clone address is the https one whatever `cloneProtocol` says, as in Argo CD; one list, without pages. */
async function listRepositories(api: ScmApi, spec: RepositoriesSpec): Promise<ScmRepository[]> {
  const project = segment(spec.teamProject);
  const address = withQuery(`${project}/_apis/git/repositories`, { 'api-version': API_VERSION });
  const found = await api.get(address, listOf(repositoryShape));
  return found
    .filter(({ isDisabled }) => !isDisabled)
    .map((repository) => ({
      organization: spec.organization,
      repository: repository.name,
      repositoryId: repository.id,
      url: repository.remoteUrl,
      defaultBranch: withoutHeads(repository.defaultBranch ?? ''),
      labels: [],
      apiPath: `${project}/_apis/git/repositories/${segment(repository.id)}`,
    }));
}

/** The addresses a repository is cloned from; a server of one's own has its ssh address elsewhere. */
function pullUrls(spec: PullRequestsSpec, { name, project }: z.infer<typeof pullShape>['repository']): string[] {
  const https = `${baseOf(spec.api, spec.organization)}${segment(project.name)}/_git/${segment(name)}`;
  const ssh = `git@ssh.dev.azure.com:v3/${segment(spec.organization)}/${segment(project.name)}/${segment(name)}`;
  return https.startsWith('https://dev.azure.com/') ? [https, ssh] : [https];
}

async function listBranches(api: ScmApi, repository: ScmRepository, prefix: string): Promise<ScmBranch[]> {
  const path = withQuery(`${repository.apiPath}/refs`, { filter: `heads/${prefix}`, $top: PAGE_SIZE, 'api-version': API_VERSION });
  const refs = await readPages(api, { path, items: listOf(refShape), next: nextByContinuation, pageSize: PAGE_SIZE });
  return refs.map(({ name, objectId }) => ({ name: withoutHeads(name), sha: objectId }));
}

function withoutHeads(ref: string): string {
  return ref.startsWith(HEADS) ? ref.slice(HEADS.length) : ref;
}
