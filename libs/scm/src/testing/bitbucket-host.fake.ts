import { addressOf, type FakeAnswer, type FakeDialect, type FakeRequest, numberedPage } from './fake-host.js';
import { type FakePull, type FakeRepository, type FakeWorld, hasFakePath } from './fake-world.js';

/** Bitbucket Cloud's API 2.0 as developer.atlassian.com describes it, entered with a user's application password. */
export const bitbucketHost: FakeDialect = {
  prefix: '/2.0/',
  etags: false,
  authorization: (secret) => `Basic ${Buffer.from(`ada:${secret}`).toString('base64')}`,
  notFound: { status: 404, body: { type: 'error', error: { message: 'Repository not found' } } },
  rateLimited: (seconds) => ({
    status: 429,
    headers: { 'retry-after': String(seconds) },
    body: { type: 'error', error: { message: 'Rate limit' } },
  }),
  answer: (request, world) => {
    const [kind, owner, name, ...rest] = request.path;
    if (kind !== 'repositories' || owner !== world.organization) return undefined;
    if (name === undefined)
      return paged(
        request,
        world.repositories.map((repo) => repositoryJson(repo, world)),
        100,
      );
    const repo = world.repositories.find((candidate) => candidate.name === name);
    return repo && answerRepository(request, repo, rest, world);
  },
};

function answerRepository(
  request: FakeRequest,
  repo: FakeRepository,
  [call, part, ...rest]: string[],
  world: FakeWorld,
): FakeAnswer | undefined {
  const branches = Object.entries(repo.branches).map(([name, { sha }]) => ({ name, target: { hash: sha } }));
  if (call === undefined) return { body: repositoryJson(repo, world) };
  if (call === 'pullrequests') {
    return paged(
      request,
      repo.pulls.filter((pull) => (pull.state ?? 'open') === 'open').map((pull) => pullJson(pull, repo, world)),
      50,
    );
  }
  if (call === 'refs' && part === 'branches') {
    if (rest.length === 0) return paged(request, branches, 100);
    const branch = branches.find(({ name }) => name === rest.join('/'));
    return branch && { body: branch };
  }
  if (call !== 'src') return undefined;
  const branch = Object.values(repo.branches).find(({ sha }) => sha === part);
  return branch && hasFakePath(branch, rest.join('/')) ? { body: { type: 'commit_file' } } : undefined;
}

function paged(request: FakeRequest, all: readonly unknown[], maxSize: number): FakeAnswer {
  const { items, page, more } = numberedPage(request.url, all, 'pagelen', maxSize);
  return { body: { page, size: all.length, values: items, ...(more ? { next: addressOf(request, { page: String(page + 1) }) } : {}) } };
}

function repositoryJson(repo: FakeRepository, { organization }: FakeWorld) {
  return {
    uuid: `{${String(repo.id).padStart(8, '0')}-0000-0000-0000-000000000000}`,
    slug: repo.name,
    mainbranch: repo.defaultBranch === undefined ? null : { type: 'branch', name: repo.defaultBranch },
    links: {
      clone: [
        { name: 'https', href: `https://ada@bitbucket.example/${organization}/${repo.name}.git` },
        { name: 'ssh', href: `git@bitbucket.example:${organization}/${repo.name}.git` },
      ],
    },
  };
}

function pullJson(pull: FakePull, repo: FakeRepository, { organization }: FakeWorld) {
  return {
    id: pull.number,
    title: pull.title,
    source: { branch: { name: pull.branch }, commit: { hash: pull.sha } },
    destination: {
      branch: { name: pull.target },
      repository: { links: { html: { href: `https://bitbucket.example/${organization}/${repo.name}` } } },
    },
    author: { nickname: pull.author, display_name: 'Ada' },
  };
}
