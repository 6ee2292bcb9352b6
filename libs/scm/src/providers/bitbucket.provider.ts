import { z } from 'zod';
import { basicAuthSchema, basicLogin, bearerTokenSchema, loginOf, secretRefSchema } from '../access.js';
import { segment, treePath, withQuery } from '../api/api-path.js';
import { nextByField } from '../api/next-page.js';
import { readPages } from '../api/read-pages.js';
import type { ScmApi } from '../api/scm-api.js';
import type { CloneProtocol } from '../lister.js';
import type { ScmBranch, ScmRepository } from '../repository.js';
import { ScmAnswerError } from '../scm.errors.js';
import { cloneUrls, defineProvider } from './provider.js';

const repositoriesSchema = z
  .strictObject({
    owner: z.string(),
    user: z.string().optional(),
    appPasswordRef: secretRefSchema.optional(),
    /** Ours: an access token instead of a user's application password, which Bitbucket gives up. */
    bearerToken: bearerTokenSchema.optional(),
    /** Ours: for a gateway in front of api.bitbucket.org. */
    api: z.string().optional(),
    allBranches: z.boolean().optional(),
  })
  .refine((spec) => (spec.user === undefined) === (spec.appPasswordRef === undefined), {
    error: 'user and appPasswordRef belong together',
  });
const pullRequestsSchema = z.strictObject({
  owner: z.string(),
  repo: z.string(),
  api: z.string().optional(),
  basicAuth: basicAuthSchema.optional(),
  bearerToken: bearerTokenSchema.optional(),
});
type RepositoriesSpec = z.infer<typeof repositoriesSchema>;
type PullRequestsSpec = z.infer<typeof pullRequestsSchema>;

const linkShape = z.object({ name: z.string(), href: z.string() });
const repositoryShape = z.object({
  uuid: z.string(),
  slug: z.string(),
  mainbranch: z.object({ name: z.string() }).nullish(),
  links: z.object({ clone: z.array(linkShape) }),
});
const branchShape = z.object({ name: z.string(), target: z.object({ hash: z.string() }) });
const pullShape = z.object({
  id: z.int(),
  title: z.string(),
  // The commit is gone when its fork is.
  source: z.object({ branch: z.object({ name: z.string() }), commit: z.object({ hash: z.string() }).nullish() }),
  destination: z.object({
    branch: z.object({ name: z.string() }),
    repository: z.object({ links: z.object({ html: z.object({ href: z.string() }) }) }),
  }),
  author: z.object({ nickname: z.string().optional() }).nullish(),
});
const valuesOf = <Item>(shape: z.ZodType<Item>) => z.object({ values: z.array(shape) }).transform(({ values }) => values);

const PAGE_SIZE = 100;
const PULLS_PAGE_SIZE = 50;
const baseOf = (api: string | undefined): string => `${(api || 'https://api.bitbucket.org/2.0').replace(/\/+$/, '')}/`;

/** Bitbucket Cloud, API 2.0. Source: developer.atlassian.com/cloud/bitbucket/rest (repositories, refs, source, pullrequests). */
export const bitbucketProvider = defineProvider<RepositoriesSpec, PullRequestsSpec>({
  repositories: {
    key: 'bitbucket',
    schema: repositoriesSchema,
    access: (spec) => ({
      base: baseOf(spec.api),
      login: spec.user !== undefined && spec.appPasswordRef ? basicLogin(spec.user, spec.appPasswordRef) : loginOf(spec),
    }),
    open: (api, spec) => ({
      allBranches: spec.allBranches ?? false,
      repositories: (protocol) => listRepositories(api, spec, protocol ?? 'ssh'),
      defaultBranch: async (repository, name) => {
        const found = await api.find(`${repository.apiPath}/refs/branches/${treePath(name)}`, branchShape);
        return found && toBranch(found);
      },
      branches: async (repository) => {
        const path = withQuery(`${repository.apiPath}/refs/branches`, { pagelen: PAGE_SIZE, sort: 'name' });
        return (await readPages(api, { path, items: valuesOf(branchShape), next: nextByField, pageSize: PAGE_SIZE })).map(toBranch);
      },
      hasPath: async (repository, branch, path) => {
        const address = withQuery(`${repository.apiPath}/src/${segment(branch.sha)}/${treePath(path)}`, { format: 'meta' });
        return (await api.find(address, z.unknown())) !== undefined;
      },
    }),
  },
  pullRequests: {
    key: 'bitbucket',
    schema: pullRequestsSchema,
    access: (spec) => ({ base: baseOf(spec.api), login: loginOf(spec) }),
    read: async (api, spec) => {
      const path = withQuery(`repositories/${segment(spec.owner)}/${segment(spec.repo)}/pullrequests`, {
        state: 'OPEN',
        sort: 'created_on',
        pagelen: PULLS_PAGE_SIZE,
      });
      const pulls = await readPages(api, { path, items: valuesOf(pullShape), next: nextByField, pageSize: PULLS_PAGE_SIZE });
      return pulls.map((pull) => ({
        repositoryUrls: cloneUrls(pull.destination.repository.links.html.href),
        number: pull.id,
        title: pull.title,
        branch: pull.source.branch.name,
        targetBranch: pull.destination.branch.name,
        // Bitbucket gives the first 12 digits.
        headSha: pull.source.commit?.hash ?? '',
        labels: [],
        author: pull.author?.nickname ?? '',
      }));
    },
  },
});

async function listRepositories(api: ScmApi, spec: RepositoriesSpec, protocol: CloneProtocol): Promise<ScmRepository[]> {
  const path = withQuery(`repositories/${segment(spec.owner)}`, {
    // Without a login nobody is a member of anything, and public repositories are what there is.
    role: spec.user === undefined && !spec.bearerToken ? undefined : 'member',
    sort: 'created_on',
    pagelen: PAGE_SIZE,
  });
  const found = await readPages(api, { path, items: valuesOf(repositoryShape), next: nextByField, pageSize: PAGE_SIZE });
  return found.map((repository) => ({
    organization: spec.owner,
    repository: repository.slug,
    repositoryId: repository.uuid,
    url: cloneUrl(repository, protocol),
    defaultBranch: repository.mainbranch?.name ?? '',
    labels: [],
    apiPath: `repositories/${segment(spec.owner)}/${segment(repository.slug)}`,
  }));
}

function cloneUrl({ slug, links }: z.infer<typeof repositoryShape>, protocol: CloneProtocol): string {
  const link = links.clone.find(({ name }) => name === protocol);
  if (!link) throw new ScmAnswerError(`repository ${slug} has no ${protocol} clone address`, { repository: slug });
  return link.href;
}

function toBranch({ name, target }: z.infer<typeof branchShape>): ScmBranch {
  return { name, sha: target.hash };
}
