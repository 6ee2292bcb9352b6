import type { Application } from '@flotilla/contracts';
import { isSettled, until, type World } from '@flotilla/demo';
import { type GitRepository, type GitServer, startGitServer } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLUSTERS } from './stage/manifests.js';
import { end, startWorld } from './stage/play-short.js';

const NAMESPACE = 'steady';
const USER = 'reader';
const TOKEN = 'right-token';
const APPLICATIONS = '/apis/argoproj.io/v1alpha1/namespaces/argocd/applications';

let world: World;
let git: GitServer;
let repository: GitRepository;

interface Fault {
  /** Also the application's and the directory's name. */
  name: string;
  /** What becomes of the repository, by path below the application's directory. */
  commit?: Record<string, string | null>;
  /** What becomes of the application's source. */
  source?: () => Record<string, string>;
  /** The application's own words about it. */
  says: RegExp;
}

const FAULTS: readonly Fault[] = [
  { name: 'missing-repository', source: () => ({ repoURL: `${git.httpUrl}/nowhere.git` }), says: /nowhere\.git/ },
  { name: 'bad-ref', source: () => ({ targetRevision: 'no-such-branch' }), says: /no-such-branch/ },
  { name: 'bad-path', source: () => ({ path: 'no-such-directory' }), says: /no-such-directory/ },
  { name: 'malformed-yaml', commit: { 'steady.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: [name\n' }, says: /steady\.yaml/ },
  { name: 'empty-directory', commit: { 'steady.yaml': null, 'README.md': 'nothing here\n' }, says: /empty|no (manifests|objects)/i },
  {
    name: 'failing-chart',
    commit: { 'templates/broken.yaml': '{{ fail "the chart wants a database" }}\n' },
    says: /the chart wants a database/,
  },
];

const steady = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  state: good\n`;

function application(name: string, repoURL: string): Record<string, unknown> & { metadata: { name: string } } {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name },
    spec: {
      project: 'default',
      source: { repoURL, targetRevision: 'main', path: name },
      destination: { name: CLUSTERS[0]!.name, namespace: NAMESPACE },
      syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] },
    },
  };
}

const apply = (document: { metadata: { name: string } }): Promise<unknown> =>
  world.hub.client.apply(`${APPLICATIONS}/${document.metadata.name}`, document, { fieldManager: 'test', force: true });
const read = (name: string): Promise<Application> => world.hub.client.request<Application>('GET', `${APPLICATIONS}/${name}`);
const live = (name: string) => world.spokes[0]!.client.get(`/api/v1/namespaces/${NAMESPACE}/configmaps/${name}`);
const words = ({ status }: Application): string => (status?.conditions ?? []).map(({ type, message }) => `${type}: ${message}`).join('\n');

function repositorySecret(password: string): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'private-repo', namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
    stringData: { type: 'git', url: repository.httpUrl, username: USER, password },
  };
}
const applySecret = (password: string): Promise<unknown> =>
  world.hub.client.apply('/api/v1/namespaces/argocd/secrets/private-repo', repositorySecret(password), {
    fieldManager: 'test',
    force: true,
  });

async function untilSettled(name: string): Promise<void> {
  await until(`${name} to be settled`, async () => {
    const found = await read(name);
    if (isSettled(found)) return true;
    throw new Error(`${found.status?.sync?.status}/${found.status?.health?.status} ${words(found)}`);
  });
}

/** Commits, and tells the hub as a Git server would. */
async function push(files: Record<string, string | null>): Promise<void> {
  await git.commit(repository, files);
  await world.fleet.hint(repository.httpUrl);
}

describe('bad input', () => {
  beforeAll(async () => {
    git = await startGitServer({ users: { [USER]: TOKEN } });
    const names = [...FAULTS.map(({ name }) => name), 'unknown-kind'];
    const files = Object.fromEntries(
      names.map((name) => [`${name}/${name === 'failing-chart' ? 'templates/' : ''}steady.yaml`, steady(name)] as const),
    );
    const chart = { 'failing-chart/Chart.yaml': 'apiVersion: v2\nname: failing-chart\nversion: 1.0.0\n' };
    repository = await git.createRepo('steady', { ...files, ...chart });
    world = await startWorld();
    await world.startAgent(world.spokes[0]!);
    await applySecret(TOKEN);
    for (const name of names) await apply(application(name, repository.httpUrl));
    for (const name of names) await untilSettled(name);
  }, 120_000);
  afterAll(async () => {
    await end(world);
    await git.stop();
  }, 60_000);

  test.each(FAULTS)('$name: the application says so, and the last good state stays live', { timeout: 60_000 }, async (fault) => {
    const before = await live(fault.name);
    const commit = Object.entries(fault.commit ?? {}).map(([path, text]) => [`${fault.name}/${path}`, text] as const);
    if (commit.length > 0) await push(Object.fromEntries(commit));
    const changed = application(fault.name, repository.httpUrl);
    const spec = changed.spec as { source: Record<string, string> };
    Object.assign(spec.source, fault.source?.());
    await apply(changed);
    await until(`${fault.name} to say what is wrong`, async () => {
      const said = words(await read(fault.name));
      if (fault.says.test(said)) return true;
      throw new Error(said || 'nothing is said');
    });
    expect(await live(fault.name)).toEqual(before);
    expect((await read(fault.name)).metadata.deletionTimestamp).toBeUndefined();

    const healing = commit.map(([path]) => [path, path.endsWith('steady.yaml') ? steady(fault.name) : null] as const);
    if (healing.length > 0) await push(Object.fromEntries(healing));
    await apply(application(fault.name, repository.httpUrl));
    await until(`${fault.name} to say nothing more`, async () => !fault.says.test(words(await read(fault.name))));
    await untilSettled(fault.name);
    expect((await live(fault.name))?.metadata.uid).toBe(before?.metadata.uid);
  });

  test('unknown-kind: the object is named, everything else is applied and kept', { timeout: 60_000 }, async () => {
    const gizmo = 'apiVersion: example.com/v1\nkind: Gizmo\nmetadata:\n  name: strange\n';
    await push({ 'unknown-kind/gizmo.yaml': gizmo, 'unknown-kind/steady.yaml': steady('unknown-kind').replace('good', 'better') });
    await until(
      'the known object to be updated',
      async () => (await live('unknown-kind'))?.data && dataOf(await live('unknown-kind')) === 'better',
    );
    await until('the unknown one to be named', async () => {
      const found = await read('unknown-kind');
      const resource = found.status?.resources?.find(({ kind }) => kind === 'Gizmo');
      if (resource && resource.status !== 'Synced' && found.status?.sync?.status === 'OutOfSync') return true;
      throw new Error(JSON.stringify({ resources: found.status?.resources, said: words(found) }));
    });
  });

  test('wrong credentials: the applications say so without them, and the last good state stays live', { timeout: 60_000 }, async () => {
    const before = await live('bad-ref');
    await applySecret('wrong-token');
    // An opened credential is kept for a moment, as long as which Git still answers.
    const said = await until('bad-ref to say that it may not read', async () => {
      await world.fleet.hint(repository.httpUrl);
      const text = words(await read('bad-ref'));
      if (/refuses the login/.test(text)) return text;
      throw new Error(text || 'nothing is said');
    });
    expect(said).not.toContain('wrong-token');
    await push({ 'bad-ref/steady.yaml': steady('bad-ref').replace('good', 'unseen') });
    expect(await live('bad-ref')).toEqual(before);

    await applySecret(TOKEN);
    await until('the commit to arrive after all', async () => {
      await world.fleet.hint(repository.httpUrl);
      return dataOf(await live('bad-ref')) === 'unseen';
    });
    await untilSettled('bad-ref');
  });
});

function dataOf(object: Awaited<ReturnType<typeof live>>): string | undefined {
  return (object?.data as { state?: string } | undefined)?.state;
}
