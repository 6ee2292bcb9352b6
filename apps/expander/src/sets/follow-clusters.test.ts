import { FakeBlobStore } from '@flotilla/blobs/testing';
import type { Cluster, ResourceDocument } from '@flotilla/contracts';
import { ManualClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { done } from '@flotilla/reconcile';
import type { ListOptions, ListResult } from '@flotilla/resources';
import { FakeResourceStore } from '@flotilla/resources/testing';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { createHosts } from '../inputs/host-inputs.js';
import { ReconcileSet } from './reconcile-set.js';
import { SetIndex } from './set-index.js';
import { SetMemory } from './set-memory.js';
import type { StoredSet } from './stored-set.js';
import { WakeSets } from './wake-sets.js';

const elements = [{ app: 'web' }, { app: 'api' }];
const selector = { matchExpressions: [{ key: 'env', operator: 'Exists' }] };
const set = (spec: object = {}): StoredSet => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'web', namespace: 'argocd' },
  spec: {
    generators: [{ matrix: { generators: [{ clusters: { selector } }, { list: { elements } }] } }],
    template: {
      metadata: { name: '{{app}}-{{name}}', labels: { env: '{{metadata.labels.env}}' } },
      spec: {
        project: 'default',
        source: { repoURL: 'https://git.example.com/web', path: '{{metadata.labels.env}}' },
        destination: { name: '{{name}}', namespace: 'web' },
      },
    },
    ...spec,
  },
});
const cluster = (name: string, env?: string): Cluster & ResourceDocument => ({
  apiVersion: 'flotilla.dev/v1alpha1',
  kind: 'Cluster',
  metadata: { name, labels: env === undefined ? {} : { env } },
  spec: {},
});
const key = { kind: 'ApplicationSet', namespace: 'argocd', name: 'web' };
const placeOf = (name: string) => ({ kind: 'Cluster', namespace: '', name });

/** Whole expansions list all clusters, shares none. */
class CountingStore extends FakeResourceStore {
  inventories = 0;

  override list<T extends ResourceDocument>(kind: string, options?: ListOptions): Promise<ListResult<T>> {
    if (kind === 'Cluster') this.inventories++;
    return super.list<T>(kind, options);
  }
}

class World {
  readonly clock = new ManualClock();
  readonly store = new CountingStore({ clock: this.clock });
  readonly #memory = new SetMemory();
  readonly #woken = new Set<string>();
  readonly #wake = new WakeSets(this.store, new SetIndex(), this.#memory, (woken) => this.#woken.add(woken), this.clock.now());

  async start(...documents: ResourceDocument[]): Promise<void> {
    this.clock.advance(60_000);
    await this.write(...documents);
    await this.#wake.run(key);
    for (const { kind, metadata } of documents) if (kind === 'Cluster') await this.#wake.run(placeOf(metadata.name));
    await this.settle();
  }

  async write(...documents: ResourceDocument[]): Promise<void> {
    await this.store.transaction({ actor: 'me' }, async (tx) => {
      for (const document of documents) {
        const { kind, metadata } = document;
        const stored = await tx.get({ kind, namespace: metadata.namespace ?? '', name: metadata.name });
        await (stored ? tx.update({ ...stored, ...document, metadata: { ...stored.metadata, ...metadata } }) : tx.create(document));
      }
    });
  }

  /** Puts a cluster there, or takes it away, and says so as the change log would. */
  async move(name: string, document: ResourceDocument | undefined): Promise<void> {
    if (document) await this.write(document);
    else await this.store.transaction({ actor: 'me' }, (tx) => tx.delete(placeOf(name)));
    await this.#wake.run(placeOf(name));
  }

  /** What the queue does with sets that were woken. */
  async settle(memory = this.#memory): Promise<void> {
    const hosts = createHosts({ store: this.store, keyring: createKeyring(new Uint8Array(32)), clock: this.clock, allow: [] });
    const ports = { store: this.store, bus: new FakeMessageBus(), blobs: new FakeBlobStore(), hosts, clock: this.clock };
    for (const woken of [...this.#woken]) {
      this.#woken.delete(woken);
      let outcome = await new ReconcileSet({ ...ports, memory }).run(key);
      for (let i = 0; outcome !== done && i < 3; i++) outcome = await new ReconcileSet({ ...ports, memory }).run(key);
    }
  }

  /** What a process that remembers nothing makes of it. */
  async settleAfresh(): Promise<void> {
    this.#woken.add('argocd/web');
    await this.settle(new SetMemory());
  }

  async applications(): Promise<Record<string, unknown>> {
    const { items } = await this.store.list<ResourceDocument & { spec?: { source?: { path?: string } } }>('Application');
    const staying = items.filter(({ metadata }) => !metadata.deletionTimestamp);
    return Object.fromEntries(staying.map(({ metadata, spec }) => [metadata.name, spec?.source?.path]));
  }

  async count(): Promise<number | undefined> {
    return (await this.store.get<StoredSet>(key))?.status?.applications;
  }
}

let world: World;
beforeEach(() => {
  world = new World();
});

/** How many inventories were read for it. */
async function inventoriesOf(work: () => Promise<void>): Promise<number> {
  const before = world.store.inventories;
  await work();
  await world.settle();
  return world.store.inventories - before;
}

describe('a cluster that moves', () => {
  test('changes its own applications, and nobody reads the other clusters for that', async () => {
    await world.start(set(), cluster('a', 'prod'), cluster('b', 'prod'));
    expect(await inventoriesOf(() => world.move('a', cluster('a', 'dev')))).toBe(0);
    expect(await world.applications()).toEqual({ 'api-a': 'dev', 'api-b': 'prod', 'web-a': 'dev', 'web-b': 'prod' });
  });

  test('brings applications along when it joins the fleet, and they are counted', async () => {
    await world.start(set(), cluster('a', 'prod'));
    expect(await inventoriesOf(() => world.move('b', cluster('b', 'dev')))).toBe(0);
    expect(await world.applications()).toEqual({ 'api-a': 'prod', 'api-b': 'dev', 'web-a': 'prod', 'web-b': 'dev' });
    expect(await world.count()).toBe(4);
  });

  test.each([
    ['is no longer selected', cluster('b')],
    ['is gone', undefined],
  ])('whose applications would go, as it %s, has the set expanded whole, so that the guard sees all of it', async (_what, document) => {
    await world.start(set(), ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'].map((name) => cluster(name, 'prod')));
    expect(await inventoriesOf(() => world.move('b', document))).toBeGreaterThan(0);
    expect(Object.keys(await world.applications()).filter((name) => name.endsWith('-b'))).toEqual([]);
  });

  test('together with an edit of the set has it expanded whole, and is followed again after that', async () => {
    await world.start(set(), cluster('a', 'prod'), cluster('b', 'prod'));
    const { template } = set().spec;
    const source = { repoURL: 'https://git.example.com/web', path: 'x-{{metadata.labels.env}}' };
    await world.write(set({ template: { ...template, spec: { ...template.spec, source } } }));
    expect(await inventoriesOf(() => world.move('a', cluster('a', 'dev')))).toBeGreaterThan(0);
    expect(await inventoriesOf(() => world.move('a', cluster('a', 'prod')))).toBe(0);
    expect(await world.applications()).toEqual({ 'api-a': 'x-prod', 'api-b': 'x-prod', 'web-a': 'x-prod', 'web-b': 'x-prod' });
  });

  test('to a refused application has the set say so in its own words', async () => {
    await world.start(set(), cluster('a', 'prod'), cluster('b', 'prod'));
    expect(await inventoriesOf(() => world.move('a', cluster('a', '../..')))).toBeGreaterThan(0);
    const stored = await world.store.get<StoredSet>(key);
    expect(stored?.status?.conditions?.find(({ type }) => type === 'ErrorOccurred')).toMatchObject({ status: 'True' });
  });
});

test('whatever clusters do, the applications are those that a process which remembers nothing would make', async () => {
  const moves = fc.array(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      env: fc.option(fc.constantFrom('dev', 'prod', 'none', 'gone')),
      settles: fc.boolean(),
    }),
    { maxLength: 10 },
  );
  await fc.assert(
    fc.asyncProperty(moves, async (all) => {
      world = new World();
      await world.start(set(), ...['a', 'b', 'z1', 'z2', 'z3', 'z4', 'z5', 'z6', 'z7', 'z8'].map((name) => cluster(name, 'prod')));
      for (const { name, env, settles } of all) {
        const isThere = (await world.store.get(placeOf(name))) !== undefined;
        if (env !== 'gone' || isThere) await world.move(name, env === 'gone' ? undefined : cluster(name, env ?? undefined));
        if (settles) await world.settle();
      }
      await world.settle();
      const followed = { applications: await world.applications(), count: await world.count() };
      await world.settleAfresh();
      expect({ applications: await world.applications(), count: await world.count() }).toEqual(followed);
    }),
    { numRuns: 30 },
  );
});
