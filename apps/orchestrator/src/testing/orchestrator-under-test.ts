import { FakeBlobStore } from '@flotilla/blobs/testing';
import type { Application, FleetRollout, RenderRequest, ResolveRequest, ResourceDocument } from '@flotilla/contracts';
import { type Clock, ManualClock, newSpokeId } from '@flotilla/kernel';
import { createKeyring, generateSealingKeyPair } from '@flotilla/keyring';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { type Database, openDatabase } from '@flotilla/persistence';
import { PgApplicationStatusWriter, PgResourceStore, type ResourceKey } from '@flotilla/resources';
import { silentLogger } from '@flotilla/telemetry';
import { createOrchestrator } from '../create-orchestrator.js';
import { readOrchestratorConfig } from '../orchestrator.config.js';
import { renderInMemory } from './memory-renderer.js';
import { givePlace, type Place, takePlace } from './spare-databases.js';
import { TestAgent } from './test-agent.js';
import { applicationOf, configMap, REPO } from './test-documents.js';

const KINDS = [
  'Cluster',
  'GitSource',
  'RolloutPolicy',
  'AppProject',
  'ApplicationSet',
  'Application',
  'SecretGrant',
  'FleetRollout',
  'ConfigMap',
] as const;

/** An orchestrator over a database of its own, with a renderer in memory and spokes that answer at once. */
export class OrchestratorUnderTest {
  readonly store: PgResourceStore;
  readonly blobs = new FakeBlobStore();
  readonly bus = new FakeMessageBus();
  readonly keyring = createKeyring(new Uint8Array(32).fill(5));
  readonly clock: ManualClock;
  readonly agents = new Map<string, TestAgent>();
  /** What a commit renders to for an application; throwing a message makes it a render error. */
  content: (application: string, commit: string) => object[] = (application, commit) => [configMap(application, commit)];
  sealingKey = generateSealingKeyPair().publicKey;
  uses: ReturnType<typeof createOrchestrator>['uses'];
  readonly #copies: ReturnType<typeof createOrchestrator>[] = [];
  /** Those that were not killed. */
  #working: ReturnType<typeof createOrchestrator>[] = [];
  readonly #database: Database;
  readonly #place: Place;
  /** Documents that were there when they were last named, by kind. */
  readonly #known = new Map<string, Set<string>>();
  /** Resource versions by document, as they were last named. */
  readonly #named = new Map<string, string | undefined>();

  private constructor(place: Place, database: Database) {
    this.#place = place;
    this.#database = database;
    this.clock = new ManualClock();
    this.store = new PgResourceStore({ database, clock: this.clock as Clock });
    this.bus.serve('renderer', 'render', (request) =>
      renderInMemory(request as RenderRequest, { blobs: this.blobs, keyring: this.keyring, content: (...of) => this.content(...of) }),
    );
    this.bus.serve('renderer', 'resolve', (request) => ({
      refs: (request as ResolveRequest).refs.map(({ repoURL, ref }) => ({
        repoURL,
        ref,
        error: { code: 'not-found', message: `no ref ${ref}` },
      })),
    }));
    this.uses = this.copy().uses;
  }

  static async start(): Promise<OrchestratorUnderTest> {
    const place = await takePlace();
    return new OrchestratorUnderTest(place, openDatabase({ url: place.url, applicationName: 'test' }));
  }

  /** Another copy over the same rows, knowing nothing of the first; from now on it works too. */
  copy(): ReturnType<typeof createOrchestrator> {
    const copy = createOrchestrator({
      config: readOrchestratorConfig({}),
      fleet: 'test',
      database: this.#database,
      store: this.store,
      statuses: new PgApplicationStatusWriter(this.#database, (kinds) => this.store.committed(kinds)),
      blobs: this.blobs,
      keyring: this.keyring,
      bus: this.bus,
      clock: this.clock,
      logger: silentLogger,
    });
    this.#copies.push(copy);
    this.#working.push(copy);
    return copy;
  }

  /** As a process that was killed and started again. */
  restart(): void {
    this.#working = [];
    this.uses = this.copy().uses;
  }

  async stop(): Promise<void> {
    for (const copy of this.#copies) await copy.stop();
    await this.store.close();
    await givePlace(this.#place, this.#database);
  }

  query(sql: string, parameters: unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.#database.query(sql, parameters);
  }

  async apply(document: ResourceDocument): Promise<ResourceDocument> {
    const { kind, metadata } = document;
    const key = { kind, namespace: metadata.namespace ?? '', name: metadata.name };
    return this.store.transaction({ actor: 'test' }, async (tx) => {
      const current = await tx.getForUpdate(key);
      const { status, ...rest } = document;
      const kept = current ? { ...metadata, finalizers: current.metadata.finalizers, uid: current.metadata.uid } : metadata;
      const written: ResourceDocument = current
        ? await tx.update<ResourceDocument>({ ...rest, metadata: kept })
        : await tx.create<ResourceDocument>(rest);
      return status ? tx.updateStatus({ ...written, status }) : written;
    });
  }

  /** A connected cluster with an agent. */
  async cluster(name: string, labels: Record<string, string> = {}, spec: object = {}): Promise<TestAgent> {
    const agent = new TestAgent(name, newSpokeId(), 1);
    this.agents.set(name, agent);
    await this.setPhase(name, 'Connected', { labels, spec });
    return agent;
  }

  async setPhase(
    name: string,
    phase: string,
    { labels, spec = {}, facts }: { labels?: Record<string, string>; spec?: object; facts?: object } = {},
  ): Promise<void> {
    const agent = this.agents.get(name)!;
    const known = await this.store.get({ kind: 'Cluster', namespace: '', name });
    agent.isOnline = phase === 'Connected';
    await this.apply({
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'Cluster',
      metadata: { name, labels: labels ?? known?.metadata.labels ?? {} },
      spec: known?.spec ?? { spokeId: agent.spoke, accepted: true, ...spec },
      status: {
        phase,
        since: new Date(this.clock.now()).toISOString(),
        session: agent.session,
        sealingKey: this.sealingKey,
        ...agent.facts,
        ...facts,
      },
    });
    Object.assign(agent.facts, facts);
  }

  /** A set whose applications the expander has made: one per cluster, named `<set>-<cluster>`. */
  async applySet(
    name: string,
    annotations: Record<string, string>,
    clusters: Record<string, object>,
    spec: object = {},
  ): Promise<ResourceDocument> {
    const set = await this.apply({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'ApplicationSet',
      metadata: { name, namespace: 'argocd', annotations },
      spec: { generators: [], template: {} },
    });
    const ownerReferences = [
      { apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', name, uid: set.metadata.uid!, controller: true },
    ];
    for (const [cluster, rest] of Object.entries(clusters)) {
      await this.apply(applicationOf(`${name}-${cluster}`, cluster, { metadata: { ownerReferences }, spec: { ...spec, ...rest } }));
    }
    return set;
  }

  commit(revision: string): Promise<unknown> {
    return this.apply({
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'GitSource',
      metadata: { name: 'source' },
      spec: { repoURL: REPO, ref: 'HEAD' },
      status: { revision },
    });
  }

  application(namespace: string, name: string): Promise<Application | undefined> {
    return this.store.get({ kind: 'Application', namespace, name }) as unknown as Promise<Application | undefined>;
  }

  async rollout(name: string): Promise<FleetRollout> {
    return (await this.store.get({ kind: 'FleetRollout', namespace: 'argocd', name })) as unknown as FleetRollout;
  }

  /** Lets everybody look at everything until nothing moves: documents, due work, agents. */
  async settle(): Promise<void> {
    this.#named.clear();
    for (let quiet = 0; quiet < 2; ) {
      await this.#nameWhatMoved();
      await Promise.all(this.#working.map((copy) => copy.settle()));
      const moved = await this.#agentsAct();
      this.clock.advance(200);
      await Promise.all(this.#working.map((copy) => copy.settle()));
      quiet = moved ? 0 : quiet + 1;
    }
  }

  async #agentsAct(): Promise<boolean> {
    let hasMoved = false;
    for (const agent of this.agents.values()) {
      if (!agent.isOnline) continue;
      if (await agent.pull(this.uses)) hasMoved = true;
      await agent.report(this.uses);
    }
    return hasMoved;
  }

  /** Every document the first time, as a resync does, then those that changed or are gone, as the change log does. */
  async #nameWhatMoved(): Promise<void> {
    const use: Record<(typeof KINDS)[number], (key: ResourceKey) => Promise<unknown>> = {
      Cluster: this.uses.cluster,
      GitSource: this.uses.gitSource,
      RolloutPolicy: this.uses.rule,
      AppProject: this.uses.rule,
      ApplicationSet: this.uses.applicationSet,
      Application: this.uses.application,
      SecretGrant: this.uses.secretGrant,
      FleetRollout: this.uses.fleetRollout,
      ConfigMap: this.uses.guardSettings,
    };
    for (const kind of KINDS) {
      const { items } = await this.store.list(kind);
      const present = new Set(items.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`));
      const gone = [...(this.#known.get(kind) ?? [])].filter((place) => !present.has(place));
      this.#known.set(kind, present);
      for (const place of gone) {
        const [namespace = '', name = ''] = place.split('/');
        await use[kind]({ kind, namespace, name });
      }
      for (const { metadata } of items) {
        const { namespace = '', name, resourceVersion } = metadata;
        const place = `${kind}/${namespace}/${name}`;
        if (this.#named.get(place) === resourceVersion) continue;
        this.#named.set(place, resourceVersion);
        await use[kind]({ kind, namespace, name });
      }
    }
  }
}
