import { type FakeAnswer, type FakeDialect, type FakeRequest, numberedPage } from './fake-host.js';
import { type FakePull, type FakeRepository, type FakeWorld, hasFakePath } from './fake-world.js';

/** GitLab's REST API v4 as docs.gitlab.com describes it. A repository in a subgroup is named `subgroup/name`. */
export const gitlabHost: FakeDialect = {
  prefix: '/api/v4/',
  etags: true,
  authorization: (secret) => `Bearer ${secret}`,
  notFound: { status: 404, body: { message: '404 Project Not Found' } },
  rateLimited: (seconds) => ({
    status: 429,
    headers: { 'retry-after': String(seconds), 'ratelimit-remaining': '0' },
    body: { message: 'Retry later' },
  }),
  answer: (request, world) => {
    const [kind, id, ...rest] = request.path;
    if (kind === 'groups') return id === world.organization && rest[0] === 'projects' ? listProjects(request, world) : undefined;
    const repo = world.repositories.find((candidate) => String(candidate.id) === id || `${world.organization}/${candidate.name}` === id);
    if (kind !== 'projects' || !repo) return undefined;
    return answerProject(request, repo, rest, world);
  },
};

function listProjects(request: FakeRequest, world: FakeWorld): FakeAnswer {
  const query = request.url.searchParams;
  const found = world.repositories.filter(
    ({ name, labels }) =>
      (query.get('include_subgroups') === 'true' || !name.includes('/')) && (!query.get('topic') || labels.includes(query.get('topic')!)),
  );
  return paged(
    request,
    found.map((repo) => projectJson(repo, world)),
  );
}

function answerProject(
  request: FakeRequest,
  repo: FakeRepository,
  [call, part, ...rest]: string[],
  world: FakeWorld,
): FakeAnswer | undefined {
  const query = request.url.searchParams;
  if (call === undefined) return { body: projectJson(repo, world) };
  if (call === 'merge_requests') {
    const labels = query.get('labels')?.split(',') ?? [];
    const state = query.get('state');
    const found = repo.pulls.filter((pull) => labels.every((label) => pull.labels.includes(label)) && (!state || stateOf(pull) === state));
    return paged(
      request,
      found.map((pull) => mergeRequestJson(pull, repo, world)),
    );
  }
  if (call !== 'repository') return undefined;
  const branches = Object.entries(repo.branches).map(([name, { sha }]) => ({ name, commit: { id: sha } }));
  if (part === 'branches') {
    if (rest.length === 0) return paged(request, branches);
    const branch = branches.find(({ name }) => name === rest.join('/'));
    return branch ? { body: branch } : { status: 404, body: { message: '404 Branch Not Found' } };
  }
  const branch = Object.values(repo.branches).find(({ sha }) => sha === query.get('ref'));
  const parent = query.get('path') ?? '';
  if (part !== 'tree' || !branch || (parent && !hasFakePath(branch, parent)))
    return { status: 404, body: { message: '404 Tree Not Found' } };
  const depth = parent ? parent.split('/').length : 0;
  const below = branch.paths.filter((path) => !parent || path.startsWith(`${parent}/`));
  const entries = [
    ...new Set(
      below.map((path) =>
        path
          .split('/')
          .slice(0, depth + 1)
          .join('/'),
      ),
    ),
  ];
  return paged(
    request,
    entries.map((path) => ({ path, name: path.split('/').at(-1) })),
  );
}

function paged(request: FakeRequest, all: readonly unknown[]): FakeAnswer {
  const { items, page, more } = numberedPage(request.url, all, 'per_page', 100);
  return { body: items, headers: { 'x-page': String(page), 'x-next-page': more ? String(page + 1) : '', 'x-total': String(all.length) } };
}

function projectJson(repo: FakeRepository, { organization }: FakeWorld) {
  const [path = '', ...groups] = repo.name.split('/').reverse();
  const namespace = [organization, ...groups.reverse()].join('/');
  return {
    id: repo.id,
    path,
    namespace: { full_path: namespace },
    ssh_url_to_repo: `git@gitlab.example:${namespace}/${path}.git`,
    http_url_to_repo: `https://gitlab.example/${namespace}/${path}.git`,
    default_branch: repo.defaultBranch ?? null,
    topics: repo.labels,
  };
}

function stateOf(pull: FakePull): string {
  return pull.state === 'closed' ? 'closed' : 'opened';
}

function mergeRequestJson(pull: FakePull, repo: FakeRepository, { organization }: FakeWorld) {
  return {
    web_url: `https://gitlab.example/${organization}/${repo.name}/-/merge_requests/${pull.number}`,
    iid: pull.number,
    state: stateOf(pull),
    title: pull.title,
    source_branch: pull.branch,
    target_branch: pull.target,
    sha: pull.sha,
    author: { username: pull.author },
    labels: pull.labels,
  };
}
