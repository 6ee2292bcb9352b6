import { z } from 'zod';
import { basicAuthSchema, bearerTokenSchema, configMapRefSchema, loginOf } from '../access.js';
import { segment, treePath, withQuery } from '../api/api-path.js';
import { nextByStart } from '../api/next-page.js';
import { readPages } from '../api/read-pages.js';
import type { ScmApi } from '../api/scm-api.js';
import type { CloneProtocol } from '../lister.js';
import type { ScmBranch, ScmRepository } from '../repository.js';
import { ScmAnswerError } from '../scm.errors.js';
import { apiBase, defineProvider } from './provider.js';

const entrance = {
  api: z.string(),
  project: z.string(),
  basicAuth: basicAuthSchema.optional(),
  bearerToken: bearerTokenSchema.optional(),
  insecure: z.boolean().optional(),
  caRef: configMapRefSchema.optional(),
};
const repositoriesSchema = z.strictObject({ ...entrance, allBranches: z.boolean().optional() });
const pullRequestsSchema = z.strictObject({ ...entrance, repo: z.string() });
type RepositoriesSpec = z.infer<typeof repositoriesSchema>;
type PullRequestsSpec = z.infer<typeof pullRequestsSchema>;

const repositoryShape = z.object({
  id: z.int(),
  slug: z.string(),
  name: z.string(),
  project: z.object({ key: z.string() }),
  links: z.object({ clone: z.array(z.object({ name: z.string(), href: z.string() })) }),
});
const branchShape = z.object({ displayId: z.string(), latestCommit: z.string() });
const pullShape = z.object({
  id: z.int(),
  title: z.string(),
  fromRef: z.object({ displayId: z.string(), latestCommit: z.string() }),
  toRef: z.object({ displayId: z.string(), repository: z.object({ slug: z.string(), project: z.object({ key: z.string() }) }) }),
  author: z.object({ user: z.object({ name: z.string() }) }).nullish(),
});
const valuesOf = <Item>(shape: z.ZodType<Item>) => z.object({ values: z.array(shape) }).transform(({ values }) => values);

const PAGE_SIZE = 100;
const access = (spec: RepositoriesSpec | PullRequestsSpec) => ({
  base: `${apiBase(spec.api, '/rest')}api/1.0/`,
  login: loginOf(spec),
  caRef: spec.caRef,
  insecure: spec.insecure,
});

/** Bitbucket Server and Data Center, API 1.0. Source: developer.atlassian.com/server/bitbucket/rest (projects, repos, pull-requests). */
export const bitbucketServerProvider = defineProvider<RepositoriesSpec, PullRequestsSpec>({
  repositories: {
    key: 'bitbucketServer',
    schema: repositoriesSchema,
    access,
    open: (api, spec) => ({
      allBranches: spec.allBranches ?? false,
      repositories: (protocol) => listRepositories(api, spec, protocol),
      defaultBranch: async (repository) => {
        const found = await api.find(`${repository.apiPath}/branches/default`, branchShape);
        return found && toBranch(found);
      },
      branches: async (repository) => {
        const path = withQuery(`${repository.apiPath}/branches`, { orderBy: 'ALPHABETICAL', limit: PAGE_SIZE });
        return (await readPages(api, { path, items: valuesOf(branchShape), next: nextByStart, pageSize: PAGE_SIZE })).map(toBranch);
      },
      hasPath: async (repository, branch, path) => {
        // Says whether the path is a file, a directory or a submodule, without its content.
        const address = withQuery(`${repository.apiPath}/browse/${treePath(path)}`, { at: branch.sha, type: 'true' });
        return (await api.find(address, z.unknown())) !== undefined;
      },
    }),
  },
  pullRequests: {
    key: 'bitbucketServer',
    schema: pullRequestsSchema,
    access,
    read: async (api, spec) => {
      const path = withQuery(`projects/${segment(spec.project)}/repos/${segment(spec.repo)}/pull-requests`, {
        state: 'OPEN',
        order: 'OLDEST',
        limit: PAGE_SIZE,
      });
      const pulls = await readPages(api, { path, items: valuesOf(pullShape), next: nextByStart, pageSize: PAGE_SIZE });
      return pulls.map((pull) => ({
        repositoryUrls: pullUrls(spec.api, pull.toRef.repository),
        number: pull.id,
        title: pull.title,
        branch: pull.fromRef.displayId,
        targetBranch: pull.toRef.displayId,
        headSha: pull.fromRef.latestCommit,
        labels: [],
        author: pull.author?.user.name ?? '',
      }));
    },
  },
});

async function listRepositories(api: ScmApi, spec: RepositoriesSpec, protocol: CloneProtocol | undefined): Promise<ScmRepository[]> {
  const path = withQuery(`projects/${segment(spec.project)}/repos`, { limit: PAGE_SIZE });
  const found = await readPages(api, { path, items: valuesOf(repositoryShape), next: nextByStart, pageSize: PAGE_SIZE });
  return found.map((repository) => ({
    organization: repository.project.key,
    repository: repository.name,
    repositoryId: BigInt(repository.id),
    url: cloneUrl(repository, protocol === 'https' ? 'http' : 'ssh'),
    // The list does not name it; the repository's own call does.
    defaultBranch: undefined,
    labels: [],
    apiPath: `projects/${segment(repository.project.key)}/repos/${segment(repository.slug)}`,
  }));
}

/** Bitbucket calls the link `http` also where it is https. */
function cloneUrl({ slug, links }: z.infer<typeof repositoryShape>, name: 'http' | 'ssh'): string {
  const link = links.clone.find((candidate) => candidate.name === name);
  if (!link)
    throw new ScmAnswerError(`repository ${slug} has no ${name} clone address; that protocol may be switched off`, { repository: slug });
  return link.href;
}

/** Default port of its ssh server; another one is known to nobody who has not asked for the repository itself. */
const SSH_PORT = 7999;

function pullUrls(api: string, { slug, project }: z.infer<typeof pullShape>['toRef']['repository']): string[] {
  const base = new URL(api.replace(/\/+$/, '').replace(/\/rest$/, ''));
  const path = `${project.key.toLowerCase()}/${slug}.git`;
  return [`${base.origin}${base.pathname.replace(/\/$/, '')}/scm/${path}`, `ssh://git@${base.hostname}:${SSH_PORT}/${path}`];
}

function toBranch({ displayId, latestCommit }: z.infer<typeof branchShape>): ScmBranch {
  return { name: displayId, sha: latestCommit };
}
