import { FakeBlobStore } from '@flotilla/blobs/testing';
import type { Cluster, ResourceDocument } from '@flotilla/contracts';
import { digestBytes, ManualClock, UnavailableError } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { createLogger } from '@flotilla/telemetry';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createExpander, type Expander } from '../create-expander.js';
import { createHosts } from '../inputs/host-inputs.js';
import type { StoredSet } from './stored-set.js';

const template = {
  metadata: { name: '{{name}}-web' },
  spec: {
    project: 'default',
    source: { repoURL: 'https://git.example.com/web', path: 'p' },
    destination: { name: '{{name}}', namespace: 'web' },
  },
};
const setOf = (spec: object): StoredSet => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'web', namespace: 'argocd' },
  spec: { generators: [{ clusters: { selector: { matchLabels: { env: 'prod' } } } }], template, ...spec },
});
const cluster = (name: string, env = 'prod'): Cluster & ResourceDocument => ({
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Cluster',
  metadata: { name, labels: { env } },
  spec: {},
});
const key = { kind: 'ApplicationSet', namespace: 'argocd', name: 'web' };

class World {
  readonly clock = new ManualClock();
  readonly store = new FakeResourceStore({ clock: this.clock });
  readonly blobs = new FakeBlobStore();
  readonly bus = new FakeMessageBus();
  readonly expander: Expander;

  constructor() {
    const logger = createLogger({ service: 'expander', level: 'silent' });
    const hosts = createHosts({ store: this.store, keyring: createKeyring(new Uint8Array(32)), clock: this.clock, allow: [] });
    this.expander = createExpander(
      { concurrency: 2, allowAddresses: [], probeHost: '127.0.0.1', probePort: 0 },
      { store: this.store, blobs: this.blobs, bus: this.bus, clock: this.clock, logger, hosts },
    );
  }

  async create(...documents: ResourceDocument[]): Promise<void> {
    await this.store.transaction({ actor: 'me' }, async (tx) => {
      for (const document of documents) await tx.create(document);
    });
  }

  async edit<T extends ResourceDocument>(
    place: { kind: string; namespace: string; name: string },
    change: (document: T) => void,
  ): Promise<void> {
    await this.store.transaction({ actor: 'me' }, async (tx) => {
      const document = await tx.get<T>(place);
      change(document!);
      await tx.update(document!);
    });
    await this.wake(place);
  }

  async remove(place: { kind: string; namespace: string; name: string }): Promise<void> {
    await this.store.transaction({ actor: 'me' }, (tx) => tx.delete(place));
    await this.wake(place);
  }

  /** Names a key as the change log would, and waits until the sets it woke are settled or delayed. */
  async wake(place = key): Promise<void> {
    await this.expander.uses.wake(place, { signal: AbortSignal.timeout(5000) });
    await vi.waitFor(async () => {
      const set = await this.store.get<StoredSet>(key);
      if (this.expander.pending > 0 && set?.status?.conditions?.[0]?.status !== 'True') throw new Error('still in work');
    });
  }

  async names(): Promise<string[]> {
    const { items } = await this.store.list('Application');
    return items.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
  }

  async set(): Promise<StoredSet> {
    return (await this.store.get<StoredSet>(key))!;
  }

  async condition(type: string): Promise<{ status: string; reason?: string; message?: string } | undefined> {
    return (await this.set()).status?.conditions?.find((condition) => condition.type === type);
  }
}

let world: World;
const start = async (...documents: ResourceDocument[]): Promise<World> => {
  world = new World();
  await world.create(...documents);
  await world.wake();
  return world;
};
afterEach(() => world.expander.stop());

describe('a set', () => {
  test('gets its applications, owned by it, and says so as Argo CD does', async () => {
    const { store } = await start(setOf({}), cluster('a'), cluster('b'), cluster('c', 'dev'));
    expect(await world.names()).toEqual(['a-web', 'b-web']);
    const application = await store.get({ kind: 'Application', namespace: 'argocd', name: 'a-web' });
    expect(application?.metadata.ownerReferences).toMatchObject([{ kind: 'ApplicationSet', name: 'web', controller: true }]);
    const set = await world.set();
    expect(set.status?.applications).toBe(2);
    expect(set.status?.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'ErrorOccurred=False',
      'ParametersGenerated=True',
      'ResourcesUpToDate=True',
    ]);
  });

  test('follows a new cluster, and takes an edited or deleted application back', async () => {
    await start(setOf({ syncPolicy: { preserveResourcesOnDeletion: true } }), cluster('a'));
    await world.create(cluster('b'));
    await world.wake({ kind: 'Cluster', namespace: '', name: 'b' });
    expect(await world.names()).toEqual(['a-web', 'b-web']);
    const place = { kind: 'Application', namespace: 'argocd', name: 'a-web' };
    await world.edit(place, (document) => {
      document.spec = { ...(document.spec as object), project: 'other' };
    });
    expect((await world.store.get(place))?.spec).toMatchObject({ project: 'default' });
    await world.remove({ ...place, name: 'b-web' });
    expect(await world.names()).toEqual(['a-web', 'b-web']);
  });

  test('holds a label typo that would delete everything, and lets go what is released by name, once', async () => {
    await start(setOf({}), cluster('a'), cluster('b'), cluster('c'));
    await world.edit<StoredSet>(key, (set) => {
      set.spec.generators = [{ clusters: { selector: { matchLabels: { env: 'prodd' } } } }];
    });
    expect(await world.names()).toEqual(['a-web', 'b-web', 'c-web']);
    expect((await world.set()).status?.heldDeletions).toEqual(['a-web', 'b-web', 'c-web']);
    const held = await world.condition('Held');
    expect(held?.message).toContain('a-web, b-web, c-web; release with: flotilla appset confirm-deletes web NAME...');
    const stranger = { namespace: 'argocd', name: 'web', names: ['zzz'], actor: 'me' };
    await expect(world.expander.uses.confirmDeletes(stranger)).rejects.toThrow(
      'zzz of ApplicationSet web: no deletion of that name is held',
    );
    await world.expander.uses.confirmDeletes({ ...stranger, names: ['a-web'] });
    await world.wake();
    expect(await world.names()).toEqual(['b-web', 'c-web']);
    expect((await world.set()).metadata.annotations).toEqual({});
    expect((await world.set()).status?.heldDeletions).toEqual(['b-web', 'c-web']);
  });

  test('keeps everything when a repository, a generator or the template fails, and says why', async () => {
    await start(setOf({}), cluster('a'));
    world.bus.serve('renderer', 'resolve', () => {
      throw new UnavailableError('authentication failed');
    });
    const git = { git: { repoURL: 'https://git.example.com/x', directories: [{ path: '*' }] } };
    for (const spec of [
      { generators: [git] },
      { generators: [{ lists: {} }] },
      { templatePatch: 'a: b' },
      { generators: [{ merge: {} }] },
    ]) {
      await world.edit<StoredSet>(key, (set) => {
        set.spec = { ...setOf({}).spec, ...spec } as StoredSet['spec'];
      });
      await vi.waitFor(async () => expect((await world.condition('ErrorOccurred'))?.status).toBe('True'));
      expect(await world.names()).toEqual(['a-web']);
      expect((await world.condition('ParametersGenerated'))?.status).toBe('False');
      await world.edit<StoredSet>(key, (set) => {
        set.spec = setOf({}).spec;
      });
      await vi.waitFor(async () => expect((await world.condition('ErrorOccurred'))?.status).toBe('False'));
    }
  });

  test('reads directories of a pinned commit through the renderer', async () => {
    world = new World();
    const listing = Buffer.from(JSON.stringify(['apps', 'apps/one', 'apps/two']));
    const digest = digestBytes(listing);
    await world.blobs.put([{ digest, bytes: listing, sealed: false }]);
    const asked: unknown[] = [];
    world.bus.serve('renderer', 'resolve', () => ({ refs: [{ repoURL: 'https://r', ref: 'HEAD', commit: 'c0ffee' }] }));
    world.bus.serve('renderer', 'directories', (request) => {
      asked.push(request);
      return { digest };
    });
    const byDirectory = {
      ...template,
      metadata: { name: '{{path.basename}}' },
      spec: { ...template.spec, destination: { name: 'a', namespace: 'x' } },
    };
    await world.create(
      setOf({ generators: [{ git: { repoURL: 'https://r', directories: [{ path: 'apps/*' }] } }], template: byDirectory }),
      cluster('a'),
    );
    await world.wake();
    expect(await world.names()).toEqual(['one', 'two']);
    expect(asked).toEqual([{ repoURL: 'https://r', commit: 'c0ffee', project: 'default' }]);
  });

  test('leaves out what its project refuses, and names the rule', async () => {
    const strict = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: 'team', namespace: 'argocd' },
      spec: { sourceRepos: ['https://other/*'], destinations: [{ server: '*', namespace: '*' }] },
    };
    await start(strict, setOf({ template: { ...template, spec: { ...template.spec, project: 'team' } } }), cluster('a'));
    expect(await world.names()).toEqual([]);
    expect((await world.condition('ErrorOccurred'))?.message).toContain('no entry of spec.sourceRepos of AppProject team matches it');
  });

  test('that is deleted holds its applications until they are released, then goes with them', async () => {
    await start(setOf({}), cluster('a'), cluster('b'));
    await world.remove(key);
    expect(await world.names()).toEqual(['a-web', 'b-web']);
    expect((await world.set()).status?.heldDeletions).toEqual(['a-web', 'b-web']);
    await world.expander.uses.confirmDeletes({ namespace: 'argocd', name: 'web', names: ['a-web', 'b-web'], actor: 'me' });
    await world.wake();
    await vi.waitFor(async () => expect(await world.store.get(key)).toBeUndefined());
    expect(await world.names()).toEqual([]);
  });

  test('shows what it would generate without writing it', async () => {
    await start(cluster('a'), cluster('b'));
    const reply = await world.expander.uses.generate({ document: setOf({}) });
    const [blob] = await world.blobs.get([reply.digest as never]);
    const documents = JSON.parse(Buffer.from(blob!.bytes).toString()) as ResourceDocument[];
    expect(documents.map(({ metadata }) => metadata.name)).toEqual(['a-web', 'b-web']);
    expect(await world.names()).toEqual([]);
    expect(reply.intent).toBeUndefined();
    await expect(world.expander.uses.generate({ document: { kind: 'Nope' } })).rejects.toThrow('apiVersion is required');
    await expect(world.expander.uses.generate({ namespace: 'argocd', name: 'none' })).rejects.toMatchObject({ code: 'not-found' });
  });
});
