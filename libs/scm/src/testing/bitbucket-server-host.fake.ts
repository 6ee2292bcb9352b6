import type { FakeAnswer, FakeDialect, FakeRequest } from './fake-host.js';
import { type FakePull, type FakeRepository, type FakeWorld, hasFakePath } from './fake-world.js';

/** Bitbucket Data Center's API 1.0 as developer.atlassian.com describes it, entered with an access token. */
export const bitbucketServerHost: FakeDialect = {
  prefix: '/rest/api/1.0/',
  etags: false,
  authorization: (secret) => `Bearer ${secret}`,
  notFound: { status: 404, body: { errors: [{ exceptionName: 'com.atlassian.bitbucket.repository.NoSuchRepositoryException' }] } },
  rateLimited: (seconds) => ({ status: 429, headers: { 'retry-after': String(seconds) }, body: { errors: [{ message: 'rate limited' }] } }),
  answer: (request, world) => {
    const [kind, project, repos, slug, ...rest] = request.path;
    if (kind !== 'projects' || project !== world.organization || repos !== 'repos') return undefined;
    if (slug === undefined)
      return paged(
        request,
        world.repositories.map((repo) => repositoryJson(repo, world)),
      );
    const repo = world.repositories.find((candidate) => slugOf(candidate) === slug);
    return repo && answerRepository(request, repo, rest, world);
  },
};

function answerRepository(request: FakeRequest, repo: FakeRepository, [call, ...rest]: string[], world: FakeWorld): FakeAnswer | undefined {
  const branches = Object.entries(repo.branches).map(([name, { sha }]) => ({
    id: `refs/heads/${name}`,
    displayId: name,
    latestCommit: sha,
  }));
  switch (call) {
    case undefined:
      return { body: repositoryJson(repo, world) };
    case 'branches': {
      if (rest[0] !== 'default') return paged(request, branches);
      const branch = branches.find(({ displayId }) => displayId === repo.defaultBranch);
      return branch ? { body: branch } : { status: repo.defaultBranch === undefined ? 204 : 404, body: {} };
    }
    case 'browse': {
      const branch = Object.values(repo.branches).find(({ sha }) => sha === request.url.searchParams.get('at'));
      return branch && hasFakePath(branch, rest.join('/')) ? { body: { type: 'FILE' } } : undefined;
    }
    case 'pull-requests':
      return paged(
        request,
        repo.pulls.filter((pull) => (pull.state ?? 'open') === 'open').map((pull) => pullJson(pull, repo, world)),
      );
    default:
      return undefined;
  }
}

function paged({ url }: FakeRequest, all: readonly unknown[]): FakeAnswer {
  const start = Number(url.searchParams.get('start') ?? 0);
  const limit = Math.min(Number(url.searchParams.get('limit') ?? 25), 100);
  const isLastPage = start + limit >= all.length;
  return { body: { values: all.slice(start, start + limit), start, limit, isLastPage, nextPageStart: isLastPage ? null : start + limit } };
}

/** Names may have capitals and blanks; their slugs have not. */
function slugOf({ name }: FakeRepository): string {
  return name.toLowerCase().replaceAll(' ', '-');
}

function repositoryJson(repo: FakeRepository, { organization }: FakeWorld) {
  const slug = slugOf(repo);
  return {
    id: repo.id,
    slug,
    name: repo.name,
    project: { key: organization },
    links: {
      clone: [
        { name: 'http', href: `https://bitbucket.example/scm/${organization}/${slug}.git` },
        { name: 'ssh', href: `ssh://git@bitbucket.example:7999/${organization}/${slug}.git` },
      ],
    },
  };
}

function pullJson(pull: FakePull, repo: FakeRepository, { organization }: FakeWorld) {
  return {
    id: pull.number,
    title: pull.title,
    fromRef: { id: `refs/heads/${pull.branch}`, displayId: pull.branch, latestCommit: pull.sha },
    toRef: { id: `refs/heads/${pull.target}`, displayId: pull.target, repository: { slug: slugOf(repo), project: { key: organization } } },
    author: { user: { name: pull.author } },
  };
}
