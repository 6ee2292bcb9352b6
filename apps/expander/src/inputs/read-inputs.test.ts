import { FakeBlobStore } from '@flotilla/blobs/testing';
import type { ResourceDocument } from '@flotilla/contracts';
import { digestBytes, ManualClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { beforeEach, expect, test } from 'vitest';
import { readExpanderConfig } from '../expander.config.js';
import { ReconcileSet } from '../sets/reconcile-set.js';
import { SetIndex } from '../sets/set-index.js';
import { SetMemory } from '../sets/set-memory.js';
import type { StoredSet } from '../sets/stored-set.js';
import { createHosts } from './host-inputs.js';

const clock = new ManualClock();
const source = { repoURL: 'https://g/team/app', path: 'p' };
let store: FakeResourceStore;
let bus: FakeMessageBus;
let blobs: FakeBlobStore;
/** Listings the renderer was asked for. */
let asked: { verb: string; request: unknown }[];

const create = (...documents: object[]) =>
  store.transaction({ actor: 'me' }, async (tx) => {
    for (const document of documents) await tx.create(document as ResourceDocument);
  });
const cluster = (name: string, spec: object = {}) => ({ apiVersion: 'flotilla.dev/v1alpha1', kind: 'Cluster', metadata: { name }, spec });
const project = (name: string, spec: object) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name, namespace: 'argocd' },
  spec,
});
const template = (projectName: string, name = '{{name}}') => ({
  metadata: { name },
  spec: { project: projectName, source, destination: { name: 'dev-a', namespace: 'web' } },
});
const set = (generators: object[], of: object, namespace = 'argocd') => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'apps', namespace },
  spec: { generators, template: of },
});

async function reconcile(namespace = 'argocd', fileGlobs?: 'doublestar') {
  const hosts = createHosts({ store, keyring: createKeyring(new Uint8Array(32)), clock, allow: [] });
  const key = { kind: 'ApplicationSet', namespace, name: 'apps' };
  const ports = { store, bus, blobs, clock, hosts, memory: new SetMemory(), ...(fileGlobs ? { fileGlobs } : {}) };
  const outcome = await new ReconcileSet(ports).run(key);
  const conditions = (await store.get<StoredSet>(key))?.status?.conditions ?? [];
  const names = (await store.list('Application')).items.map(({ metadata }) => metadata.name);
  return { outcome, names, error: conditions.find(({ type, status }) => type === 'ErrorOccurred' && status === 'True'), conditions };
}

beforeEach(async () => {
  store = new FakeResourceStore({ clock });
  bus = new FakeMessageBus();
  blobs = new FakeBlobStore();
  asked = [];
  bus.serve('renderer', 'resolve', () => ({ refs: [{ repoURL: 'https://g/team/app', ref: 'HEAD', commit: 'c0ffee' }] }));
  for (const [verb, listing] of [
    ['directories', ['apps', 'apps/one']],
    ['files', [{ path: 'apps/one/a.yaml', text: 'a: 1' }]],
  ] as const) {
    const bytes = Buffer.from(JSON.stringify(listing));
    await blobs.put([{ digest: digestBytes(bytes), bytes, sealed: false }]);
    bus.serve('renderer', verb, (request) => {
      asked.push({ verb, request });
      return { digest: digestBytes(bytes) };
    });
  }
  await create(
    cluster('dev-a'),
    cluster('prod-a'),
    project('team', {
      sourceRepos: ['https://g/team/*'],
      sourceNamespaces: ['team-a'],
      destinations: [{ name: 'dev-*', namespace: 'web' }],
    }),
  );
});

test('a set of a project sees its clusters, and says how many it does not see', async () => {
  await create(set([{ clusters: {} }], template('team')));
  const { names, conditions } = await reconcile();
  expect(names).toEqual(['dev-a']);
  expect(conditions.find(({ type }) => type === 'Warning')?.message).toContain('not permitted by AppProject team and left out');
});

test('a repository that the project does not permit is an error before anybody asks for it', async () => {
  await create(
    set([{ git: { repoURL: 'https://g/other/app', directories: [{ path: 'apps/*' }] } }], template('team', '{{path.basename}}')),
  );
  const { names, error } = await reconcile();
  expect(names).toEqual([]);
  expect(error).toMatchObject({
    reason: 'ApplicationGenerationFromParamsError',
    message: expect.stringContaining('no entry of spec.sourceRepos of AppProject team'),
  });
  expect(asked).toEqual([]);
});

test('each generator reads with the credentials of its own project', async () => {
  const git = { repoURL: 'https://g/team/app', directories: [{ path: 'apps/*' }] };
  const own = { ...git, template: { metadata: { name: 'own-{{path.basename}}' }, spec: { project: 'default' } } };
  await create(set([{ git }, { git: own }], template('team', '{{path.basename}}')));
  expect((await reconcile()).names).toEqual(['one', 'own-one']);
  expect(asked.map(({ request }) => (request as { project?: string }).project)).toEqual(['team', 'default']);
});

test('a set outside the control namespace gets nothing by leaving its project to a parameter, nor by naming a foreign one', async () => {
  await create(project('other', { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] }));
  for (const [name, message] of [
    ['{{name}}', 'may not use every project'],
    ['other', 'no entry of spec.sourceNamespaces matches it'],
    ['nope', 'AppProject nope does not exist'],
  ] as const) {
    await store.transaction({ actor: 'me' }, async (tx) => {
      const key = { kind: 'ApplicationSet', namespace: 'team-a', name: 'apps' };
      const current = await tx.getForUpdate(key);
      const next = set([{ clusters: {} }], template(name), 'team-a') as unknown as ResourceDocument;
      await (current ? tx.update({ ...current, spec: next.spec }) : tx.create(next));
    });
    const { names, error } = await reconcile('team-a');
    expect(names).toEqual([]);
    expect(error?.message).toContain(message);
  }
});

test('a change of a project concerns the sets that name it in any template, or by a parameter', () => {
  const index = new SetIndex();
  const own = (name: string) => ({ clusters: { template: { spec: { project: name } } } });
  index.put('argocd/one', set([own('infra')], template('team')) as never);
  index.put('argocd/two', set([{ clusters: {} }], template('')) as never);
  index.put('argocd/three', set([own('{{name}}')], template('x')) as never);
  expect(index.projectMoved('team')).toEqual(['argocd/one', 'argocd/three']);
  expect(index.projectMoved('infra')).toEqual(['argocd/one', 'argocd/three']);
  expect(index.projectMoved('default')).toEqual(expect.arrayContaining(['argocd/two']));
});

test('an application its project refuses is looked at again in three minutes, as in Argo CD', async () => {
  const elsewhere = template('team');
  elsewhere.spec.destination.namespace = 'kube-system';
  await create(set([{ clusters: {} }], elsewhere));
  const { outcome, error } = await reconcile();
  expect(error?.reason).toBe('ApplicationValidationError');
  expect(outcome).toEqual({ againAfterMs: 180_000 });
});

test('patterns of files are read as git pathspecs, or by new globbing where the configuration says so', async () => {
  const git = { repoURL: 'https://g/team/app', files: [{ path: 'apps/*/a.yaml' }, { path: 'apps/x/*', exclude: true }] };
  await create(set([{ git }], template('team', '{{path.basename}}')));
  expect((await reconcile()).names).toEqual(['one']);
  await reconcile('argocd', 'doublestar');
  expect(asked.map(({ request }) => request)).toEqual([
    expect.not.objectContaining({ globs: 'doublestar' }),
    expect.objectContaining({ globs: 'doublestar', patterns: ['apps/*/a.yaml'], exclude: ['apps/x/*'] }),
  ]);
  expect(readExpanderConfig({ FLOTILLA_NEW_GIT_FILE_GLOBBING: 'true' }).newGitFileGlobbing).toBe(true);
  expect(readExpanderConfig({}).newGitFileGlobbing).toBe(false);
});
