import { type FakeAnswer, type FakeDialect, type FakeRequest, numberedPage } from './fake-host.js';
import { type FakePull, type FakeRepository, type FakeWorld, hasFakePath } from './fake-world.js';

/** MAX_RESPONSE_ITEMS of its configuration: less than what is asked for. */
const MAX_ITEMS = 30;

/** Gitea's API v1 as docs.gitea.com describes it. */
export const giteaHost: FakeDialect = {
  prefix: '/api/v1/',
  etags: false,
  authorization: (secret) => `token ${secret}`,
  notFound: { status: 404, body: { message: "The target couldn't be found.", errors: [] } },
  rateLimited: (seconds) => ({ status: 429, headers: { 'retry-after': String(seconds) }, body: { message: 'too many requests' } }),
  answer: (request, world) => {
    const [kind, owner, name, ...rest] = request.path;
    if (owner !== world.organization) return undefined;
    if (kind === 'orgs' && name === 'repos')
      return paged(
        request,
        world.repositories.map((repo) => repositoryJson(repo, world)),
      );
    const repo = world.repositories.find((candidate) => candidate.name === name);
    if (kind !== 'repos' || !repo) return undefined;
    return answerRepository(request, repo, rest, world);
  },
};

function answerRepository(request: FakeRequest, repo: FakeRepository, [call, ...rest]: string[], world: FakeWorld): FakeAnswer | undefined {
  const branches = Object.entries(repo.branches).map(([name, { sha }]) => ({ name, commit: { id: sha } }));
  switch (call) {
    case undefined:
      return { body: repositoryJson(repo, world) };
    case 'labels':
      return paged(
        request,
        repo.labels.map((name, i) => ({ id: i, name })),
      );
    case 'branches': {
      if (rest.length === 0) return paged(request, branches);
      const branch = branches.find(({ name }) => name === rest.join('/'));
      return branch && { body: branch };
    }
    case 'contents': {
      const branch = Object.values(repo.branches).find(({ sha }) => sha === request.url.searchParams.get('ref'));
      return branch && hasFakePath(branch, rest.join('/')) ? { body: [{ path: rest.join('/') }] } : undefined;
    }
    case 'pulls': {
      const state = request.url.searchParams.get('state') ?? 'open';
      return paged(
        request,
        repo.pulls.filter((pull) => (pull.state ?? 'open') === state).map((pull) => pullJson(pull, repo, world)),
      );
    }
    default:
      return undefined;
  }
}

function paged(request: FakeRequest, all: readonly unknown[]): FakeAnswer {
  return { body: numberedPage(request.url, all, 'limit', MAX_ITEMS).items, headers: { 'x-total-count': String(all.length) } };
}

function repositoryJson(repo: FakeRepository, { organization }: FakeWorld) {
  return {
    id: repo.id,
    name: repo.name,
    ssh_url: `git@gitea.example:${organization}/${repo.name}.git`,
    clone_url: `https://gitea.example/${organization}/${repo.name}.git`,
    html_url: `https://gitea.example/${organization}/${repo.name}`,
    default_branch: repo.defaultBranch ?? 'main',
    empty: repo.defaultBranch === undefined,
    archived: repo.archived ?? false,
  };
}

function pullJson(pull: FakePull, repo: FakeRepository, world: FakeWorld) {
  return {
    number: pull.number,
    title: pull.title,
    head: { ref: pull.branch, sha: pull.sha },
    base: { ref: pull.target, repo: repositoryJson(repo, world) },
    user: { login: pull.author },
    labels: pull.labels.map((name) => ({ name })),
  };
}
