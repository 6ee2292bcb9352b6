import { addressOf, type FakeAnswer, type FakeDialect, type FakeRequest, numberedPage } from './fake-host.js';
import { type FakePull, type FakeRepository, type FakeWorld, hasFakePath } from './fake-world.js';

/** GitHub's REST API as docs.github.com describes it, at the address of GitHub Enterprise. */
export const githubHost: FakeDialect = {
  prefix: '/api/v3/',
  etags: true,
  authorization: (secret) => `Bearer ${secret}`,
  notFound: { status: 404, body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest' } },
  rateLimited: (seconds) => ({
    status: 403,
    headers: { 'retry-after': String(seconds), 'x-ratelimit-remaining': '12' },
    body: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.' },
  }),
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
  const branches = Object.entries(repo.branches).map(([name, { sha }]) => ({ name, commit: { sha }, protected: false }));
  switch (call) {
    case undefined:
      return { body: repositoryJson(repo, world) };
    case 'branches': {
      if (rest.length === 0) return paged(request, branches);
      const branch = branches.find(({ name }) => name === rest.join('/'));
      return branch ? { body: branch } : { status: 404, body: { message: 'Branch not found' } };
    }
    case 'contents': {
      const ref = request.url.searchParams.get('ref');
      const branch = Object.values(repo.branches).find(({ sha }) => sha === ref);
      return branch && hasFakePath(branch, rest.join('/')) ? { body: { type: 'file', path: rest.join('/') } } : undefined;
    }
    case 'pulls': {
      const state = request.url.searchParams.get('state') ?? 'open';
      return paged(
        request,
        repo.pulls.filter((pull) => state === 'all' || (pull.state ?? 'open') === state).map((pull) => pullJson(pull, repo, world)),
      );
    }
    default:
      return undefined;
  }
}

function paged(request: FakeRequest, all: readonly unknown[]): FakeAnswer {
  const { items, page, more } = numberedPage(request.url, all, 'per_page', 100);
  if (!more) return { body: items };
  const links = [`<${addressOf(request, { page: '99' })}>; rel="last"`, `<${addressOf(request, { page: String(page + 1) })}>; rel="next"`];
  return { body: items, headers: { link: links.join(', ') } };
}

function repositoryJson(repo: FakeRepository, { organization }: FakeWorld) {
  return {
    id: repo.id,
    name: repo.name,
    full_name: `${organization}/${repo.name}`,
    owner: { login: organization },
    ssh_url: `git@github.example:${organization}/${repo.name}.git`,
    clone_url: `https://github.example/${organization}/${repo.name}.git`,
    default_branch: repo.defaultBranch ?? 'main',
    topics: repo.labels,
    archived: repo.archived ?? false,
  };
}

function pullJson(pull: FakePull, repo: FakeRepository, world: FakeWorld) {
  return {
    number: pull.number,
    state: pull.state ?? 'open',
    title: pull.title,
    head: { ref: pull.branch, sha: pull.sha },
    base: { ref: pull.target, repo: repositoryJson(repo, world) },
    user: { login: pull.author },
    labels: pull.labels.map((name) => ({ name })),
  };
}
