import { FakeBlobStore } from '@flotilla/blobs/testing';
import type { ApplicationSet, ResourceDocument } from '@flotilla/contracts';
import { digestBytes, ManualClock, UnavailableError } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import type { ListOptions, ListResult } from '@flotilla/resources';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { withReleased } from '@flotilla/setplan';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHosts } from '../inputs/host-inputs.js';
import { ReconcileSet } from '../sets/reconcile-set.js';
import { SetMemory } from '../sets/set-memory.js';
import type { StoredSet } from '../sets/stored-set.js';

/** Gives the first half of the clusters, and then no more. */
class CutStore extends FakeResourceStore {
  isCut = false;

  override async list<T extends ResourceDocument>(kind: string, options: ListOptions = {}): Promise<ListResult<T>> {
    if (!this.isCut || kind !== 'Cluster') return super.list<T>(kind, options);
    if (options.continue) throw new UnavailableError('connection terminated');
    const page = await super.list<T>(kind, options);
    return { ...page, items: page.items.slice(0, page.items.length / 2), continue: 'more' };
  }
}

const REPO = 'https://git.example.com/fleet';
const key = { kind: 'ApplicationSet', namespace: 'argocd', name: 'web' };
type Generators = ApplicationSet['spec']['generators'];
interface Parts {
  store: CutStore;
  bus: FakeMessageBus;
}

const git: Generators[number] = { git: { repoURL: REPO, directories: [{ path: '*' }] } };
const resolveWith = ({ bus }: Parts, answer: () => unknown) => bus.serve('renderer', 'resolve', answer);
const resolved = () => ({ refs: [{ repoURL: REPO, ref: 'HEAD', commit: 'c0ffee' }] });

/** Everything that may keep a set from being known. Each answers with the generator that meets it. */
const faults: Readonly<Record<string, (parts: Parts) => Generators[number]>> = {
  'an unknown generator': () => ({ lists: {} }),
  'a wrong field': () => ({ list: { elements: 'x' } }),
  'a matrix of one': () => ({ matrix: { generators: [git] } }),
  'a repository that is refused': (parts) => {
    resolveWith(parts, () => ({ refs: [{ repoURL: REPO, ref: 'HEAD', error: { code: 'forbidden', message: 'authentication failed' } }] }));
    return git;
  },
  'a renderer that times out': (parts) => {
    resolveWith(parts, () => {
      throw new UnavailableError('no answer within 180s');
    });
    return git;
  },
  'a listing that is lost': (parts) => {
    resolveWith(parts, resolved);
    parts.bus.serve('renderer', 'directories', () => ({ digest: digestBytes(Buffer.from('lost')) }));
    return git;
  },
  'files that are lost': (parts) => {
    resolveWith(parts, resolved);
    parts.bus.serve('renderer', 'files', () => ({ digest: digestBytes(Buffer.from('lost')) }));
    return { git: { repoURL: REPO, files: [{ path: '*' }] } };
  },
  'a decision that is not there': () => ({ clusterDecisionResource: { configMapRef: 'none', name: 'x' } }),
  'a Git host without its token': () => ({ scmProvider: { github: { organization: 'o', tokenRef: { secretName: 'none', key: 'k' } } } }),
  'pull requests of a host that is refused': () => ({ pullRequest: { github: { owner: 'o', repo: 'r', api: 'http://127.0.0.1:9' } } }),
  'half a list of clusters': ({ store }) => {
    store.isCut = true;
    return { clusters: {} };
  },
  'a plugin that is not there': () => ({ plugin: { configMapRef: { name: 'none' } } }),
};

const setOf = (elements: readonly string[], more: Generators = []): ResourceDocument => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'web', namespace: 'argocd' },
  spec: {
    generators: [{ list: { elements: elements.map((name) => ({ name })) } }, ...more],
    template: {
      metadata: { name: '{{name}}' },
      spec: { project: 'default', source: { repoURL: REPO, path: 'p' }, destination: { name: 'one', namespace: 'n' } },
    },
  },
});

async function worldOf(elements: readonly string[]) {
  const clock = new ManualClock();
  const parts: Parts = { store: new CutStore({ clock }), bus: new FakeMessageBus() };
  const { store } = parts;
  const hosts = createHosts({ store, keyring: createKeyring(new Uint8Array(32)), clock, allow: [] });
  const reconcile = () => new ReconcileSet({ ...parts, blobs: new FakeBlobStore(), clock, hosts, memory: new SetMemory() }).run(key);
  const cluster = (name: string) => ({ apiVersion: 'flotilla.dev/v1alpha1', kind: 'Cluster', metadata: { name }, spec: {} });
  await store.transaction({ actor: 'me' }, async (tx) => {
    for (const document of [setOf(elements), cluster('one'), cluster('two')]) await tx.create(document);
  });
  await reconcile();
  const names = async () => (await store.list('Application')).items.map(({ metadata }) => metadata.name);
  return { parts, reconcile, names };
}

const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), { minLength: 1 });

test('an expansion that is not whole deletes nothing, whatever left the set and whatever was released', async () => {
  await fc.assert(
    fc.asyncProperty(names, names, names, fc.constantFrom(...Object.keys(faults)), async (before, after, released, fault) => {
      const { parts, reconcile, names: stored } = await worldOf(before);
      expect(await stored()).toEqual([...before].sort());
      const generator = faults[fault]!(parts);
      await parts.store.transaction({ actor: 'me' }, async (tx) => {
        const set = (await tx.getForUpdate<StoredSet>(key))!;
        const { spec } = setOf(after, [generator]) as StoredSet;
        await tx.update<StoredSet>(withReleased({ ...set, spec }, released));
      });
      await reconcile().catch((error: unknown) => expect(error).toBeInstanceOf(Error));
      parts.store.isCut = false;
      expect(await stored()).toEqual([...before].sort());
    }),
    { numRuns: 60 },
  );
});
