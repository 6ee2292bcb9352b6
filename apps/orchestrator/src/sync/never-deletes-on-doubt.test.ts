import { FakeBlobStore } from '@flotilla/blobs/testing';
import { makeBundle } from '@flotilla/bundle';
import type { ResourceDocument } from '@flotilla/contracts';
import { type Digest, ManualClock, UnavailableError } from '@flotilla/kernel';
import type { ListOptions, ListResult, ResourceKey, ResourceTransaction, WriteContext } from '@flotilla/resources';
import { FakeResourceStore } from '@flotilla/resources/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BundleCache } from '../candidates/bundle-cache.js';
import { HUB_CLUSTER } from '../fleet/resolve-destination.js';
import { applicationOf, configMap } from '../testing/test-documents.js';
import { ApplyLocal } from './apply-local.js';
import { type LocalObject, type LocalState, LocalStore } from './local.store.js';
import { RemoveLocal } from './remove-local.js';
import { WriteLocal } from './write-local.js';

/** Fails as it is told to. */
class FaultyStore extends FakeResourceStore {
  fault: 'reads of settings' | 'half a list of clusters' | 'writes' | undefined;

  override async get<T extends ResourceDocument>(key: ResourceKey): Promise<T | undefined> {
    if (this.fault === 'reads of settings' && ['AppProject', 'ConfigMap'].includes(key.kind)) throw new UnavailableError('terminated');
    return super.get<T>(key);
  }

  override async list<T extends ResourceDocument>(kind: string, options: ListOptions = {}): Promise<ListResult<T>> {
    if (this.fault !== 'half a list of clusters') return super.list<T>(kind, options);
    if (options.continue) throw new UnavailableError('terminated');
    return { items: [], resourceVersion: '1', continue: 'more' };
  }

  override async transaction<T>(context: WriteContext, work: (tx: ResourceTransaction) => Promise<T>): Promise<T> {
    if (this.fault === 'writes') throw new UnavailableError('terminated');
    return super.transaction(context, work);
  }
}

/** One application's rows. */
class OneLocalStore extends LocalStore {
  state: LocalState | undefined;
  override read = async () => this.state;
  override async saveObjects(_uid: string, objects: readonly LocalObject[]): Promise<void> {
    if (this.state) this.state = { ...this.state, objects: [...objects] };
  }
  override report = async () => {};
  override explainRemoval = async () => {};
  override finishRemoval = async () => {};
  override leaving = async () => undefined;
  override release = async () => {};
  override wake = async () => {};
  override wakeHeld = async () => {};
}

const FAULTS = ['a bundle that is lost', 'a document that is lost', 'reads of settings', 'half a list of clusters', 'writes'] as const;
const SPEC = { syncPolicy: { automated: { prune: true } } };

async function worldOf(before: readonly string[]) {
  const clock = new ManualClock();
  const store = new FaultyStore({ clock });
  const blobs = new FakeBlobStore();
  const local = new OneLocalStore();
  const write = new WriteLocal(store);
  const bundles = new BundleCache(blobs);
  const apply = new ApplyLocal({ local, write, remove: new RemoveLocal(store, write, clock), blobs, bundles, clock });
  const root = applicationOf('root', 'in-cluster', {
    spec: SPEC,
    metadata: { uid: 'root', annotations: { 'flotilla.dev/max-deletions': '99', 'flotilla.dev/max-deletion-percent': '100' } },
  });
  await store.transaction({ actor: 'me' }, (tx) => tx.create(root));
  const uid = (await store.get({ kind: 'Application', namespace: 'argocd', name: 'root' }))!.metadata.uid!;
  const application = { uid, namespace: 'argocd', name: 'root', document: root, hasPruneFinalizer: true } as LocalState['application'];
  /** The source has these now; a fault may lose one of the blobs. */
  const push = async (names: readonly string[], fault?: (typeof FAULTS)[number]): Promise<void> => {
    const objects = [configMap('kept', String(names)), ...names.map((name) => applicationOf(name, 'one'))];
    const made = makeBundle(
      objects.map((object) => ({ object })),
      () => '',
    );
    const lost = fault === 'a bundle that is lost' ? made.digest : made.bundle.items.find(({ name }) => name.startsWith('z'))?.digest;
    const isLost = (digest: string): boolean =>
      digest === lost && (fault === 'a bundle that is lost' || fault === 'a document that is lost');
    await blobs.put(
      made.blobs
        .filter(({ digest }) => !isLost(digest))
        .map(({ digest, text, sealed }) => ({ digest: digest as Digest, bytes: new TextEncoder().encode(text), sealed })),
    );
    const content = { project: 'default', bundle: made.digest, hubBundle: made.digest, destinationNamespace: '', revision: 'c1' };
    local.state = {
      application,
      isDeleting: false,
      assignment: { label: HUB_CLUSTER, content, apply: true },
      objects: local.state?.objects ?? [],
    };
    if (fault && !fault.startsWith('a ')) store.fault = fault as FaultyStore['fault'];
    await apply.apply(uid).catch((error: unknown) => expect(error).toBeInstanceOf(Error));
    store.fault = undefined;
  };
  const names = async () =>
    (await store.list('Application')).items.flatMap(({ metadata }) =>
      metadata.name === 'root' || metadata.deletionTimestamp ? [] : [metadata.name],
    );
  await push(before);
  return { push, names };
}

const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1 });

test('what cannot be read or written whole deletes no child, whatever left the source and however large the budget', async () => {
  await fc.assert(
    fc.asyncProperty(names, names, fc.constantFrom(...FAULTS), async (before, after, fault) => {
      const { push, names: stored } = await worldOf(before);
      expect(await stored()).toEqual([...before].sort());
      // One more than is there: the document that is lost is none of those stored before.
      await push([...after, `z${before.join('')}`], fault);
      expect((await stored()).filter((name) => (before as string[]).includes(name))).toEqual([...before].sort());
      await push(after);
      expect(await stored()).toEqual([...after].sort());
    }),
    { numRuns: 60 },
  );
});
