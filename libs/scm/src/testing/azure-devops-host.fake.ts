import type { FakeAnswer, FakeDialect, FakeRequest } from './fake-host.js';
import { type FakePull, type FakeRepository, type FakeWorld, hasFakePath } from './fake-world.js';

/** The fake's only team project. */
export const AZURE_PROJECT = 'team one';
/** Refs of a page, less than are asked for, as the service may give. */
const MAX_REFS = 40;

/** Azure DevOps' Git API 7.1 as learn.microsoft.com describes it; the organization is the first segment. */
export const azureDevOpsHost: FakeDialect = {
  prefix: '/',
  etags: false,
  authorization: (secret) => `Basic ${Buffer.from(`:${secret}`).toString('base64')}`,
  notFound: { status: 404, body: { typeKey: 'GitRepositoryNotFoundException', message: 'TF401019' } },
  rateLimited: (seconds) => ({
    status: 429,
    headers: { 'retry-after': String(seconds) },
    body: { message: 'Request was blocked due to exceeding usage' },
  }),
  answer: (request, world) => {
    const [organization, project, apis, git, repositories, id, ...rest] = request.path;
    if (
      organization !== world.organization ||
      project !== AZURE_PROJECT ||
      [apis, git, repositories].join('/') !== '_apis/git/repositories'
    )
      return undefined;
    if (id === undefined) return listed(world.repositories.map((repo) => repositoryJson(repo, world)));
    const repo = world.repositories.find((candidate) => idOf(candidate) === id || candidate.name === id);
    return repo && answerRepository(request, repo, rest, world);
  },
};

function answerRepository({ url }: FakeRequest, repo: FakeRepository, [call]: string[], world: FakeWorld): FakeAnswer | undefined {
  const query = url.searchParams;
  switch (call) {
    case undefined:
      return { body: repositoryJson(repo, world) };
    case 'refs': {
      const refs = Object.entries(repo.branches).map(([name, { sha }]) => ({ name: `refs/heads/${name}`, objectId: sha }));
      const found = refs.filter(({ name }) => name.startsWith(`refs/${query.get('filter') ?? ''}`));
      const start = Number(query.get('continuationToken') ?? 0);
      const more = start + MAX_REFS < found.length;
      return {
        ...listed(found.slice(start, start + MAX_REFS)),
        headers: more ? { 'x-ms-continuationtoken': String(start + MAX_REFS) } : {},
      };
    }
    case 'items': {
      const branch = Object.values(repo.branches).find(({ sha }) => sha === query.get('versionDescriptor.version'));
      const found = branch && hasFakePath(branch, query.get('path')!.slice(1));
      return found ? { body: { path: query.get('path') } } : { status: 404, body: { typeKey: 'GitItemNotFoundException' } };
    }
    case 'pullrequests': {
      const skip = Number(query.get('$skip') ?? 0);
      const found = repo.pulls.filter((pull) => (pull.state ?? 'open') === 'open').map((pull) => pullJson(pull, repo));
      return listed(found.slice(skip, skip + Number(query.get('$top') ?? 101)));
    }
    default:
      return undefined;
  }
}

function listed(value: readonly unknown[]): FakeAnswer {
  return { body: { count: value.length, value } };
}

function idOf({ id }: FakeRepository): string {
  return `${String(id).padStart(8, '0')}-0000-0000-0000-000000000000`;
}

function repositoryJson(repo: FakeRepository, { organization }: FakeWorld) {
  return {
    id: idOf(repo),
    name: repo.name,
    ...(repo.defaultBranch === undefined ? {} : { defaultBranch: `refs/heads/${repo.defaultBranch}` }),
    remoteUrl: `https://${organization}@dev.azure.example/${organization}/_git/${repo.name}`,
    sshUrl: `git@ssh.dev.azure.example:v3/${organization}/${repo.name}`,
    isDisabled: repo.archived ?? false,
  };
}

function pullJson(pull: FakePull, repo: FakeRepository) {
  return {
    repository: { id: idOf(repo), name: repo.name, project: { name: AZURE_PROJECT } },
    pullRequestId: pull.number,
    title: pull.title,
    sourceRefName: `refs/heads/${pull.branch}`,
    targetRefName: `refs/heads/${pull.target}`,
    lastMergeSourceCommit: { commitId: pull.sha },
    createdBy: { uniqueName: `${pull.author}@example.com` },
    labels: pull.labels.map((name) => ({ name })),
  };
}
