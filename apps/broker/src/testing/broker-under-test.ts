import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FakeBlobStore } from '@flotilla/blobs/testing';
import type { Grant, GrantsOfMany, ResourceDocument, SecretGrant, SecretsReply } from '@flotilla/contracts';
import { type Clock, canonicalJson, digestBytes, ManualClock, newSpokeId } from '@flotilla/kernel';
import { createKeyring, generateSealingKeyPair } from '@flotilla/keyring';
import { FakeMessageBus } from '@flotilla/messaging/testing';
import { type Database, migrate, openDatabase } from '@flotilla/persistence';
import { PgResourceStore, type ResourceKey, resourcesMigrations } from '@flotilla/resources';
import { createLogger } from '@flotilla/telemetry';
import { testDatabase } from '@flotilla/testkit';
import { brokerSchema } from '../broker.schema.js';
import { type Broker, createBroker } from '../create-broker.js';

const NAMED = ['SecretStore', 'ClusterSecretStore', 'Secret', 'ConfigMap', 'SecretGrant'] as const;
const MAX_ROUNDS = 20;

type Stored = SecretGrant & ResourceDocument;

/** A broker over a database of its own, a directory of files, and an orchestrator in memory that grants what it is told. */
export class BrokerUnderTest {
  readonly store: PgResourceStore;
  readonly blobs = new FakeBlobStore();
  readonly bus = new FakeMessageBus();
  readonly keyring = createKeyring(new Uint8Array(32).fill(7));
  readonly clock = new ManualClock();
  readonly spoke = newSpokeId();
  readonly spokeKey = generateSealingKeyPair();
  readonly database: Database;
  readonly databaseUrl: string;
  readonly directory: string;
  /** Every line the broker logged. */
  readonly log: string[] = [];
  /** What the orchestrator says the spoke's document grants. */
  granted: (Grant & { namespace: string })[] = [];
  /** How many spokes each question to the orchestrator was about, where it was about more than one. */
  readonly herds: number[] = [];
  broker: Broker;
  readonly #copies: Broker[] = [];
  readonly #named = new Map<string, string | undefined>();
  readonly #drop: () => Promise<void>;

  private constructor(place: { url: string; drop(): Promise<void> }, database: Database, directory: string) {
    this.#drop = () => place.drop();
    this.databaseUrl = place.url;
    this.database = database;
    this.directory = directory;
    this.store = new PgResourceStore({ database, clock: this.clock as Clock });
    const answer = () => ({ fleet: 'test', cluster: 'one', sealingKey: this.spokeKey.publicKey, grants: this.granted });
    this.bus.serve('orchestrator', 'grants', answer);
    this.bus.serve('orchestrator', 'grants-of-many', (request) => {
      const { asks } = request as GrantsOfMany;
      this.herds.push(asks.length);
      return { answers: asks.map(answer) };
    });
    this.broker = this.copy();
  }

  static async start(): Promise<BrokerUnderTest> {
    const place = await testDatabase();
    const database = openDatabase({ url: place.url, applicationName: 'test' });
    for (const migrations of [resourcesMigrations, brokerSchema]) await migrate(database, migrations);
    return new BrokerUnderTest(place, database, await mkdtemp(join(tmpdir(), 'flotilla-broker-')));
  }

  /** Another copy over the same rows, knowing nothing of the first. */
  copy(): Broker {
    const config = { concurrency: 4, secretsDir: this.directory, allowAddresses: ['127.0.0.1/32'], probeHost: '', probePort: 0 };
    const { database, store, blobs, keyring, bus, clock } = this;
    const logger = createLogger({ service: 'broker', level: 'debug', write: (line) => void this.log.push(line) });
    const ports = { database, store, blobs, keyring, bus, clock, logger, random: () => 0.5, sealingKeyBits: 2048, claimMs: 300 };
    const broker = createBroker(config, ports);
    this.#copies.push(broker);
    return broker;
  }

  /** As a process that was killed and started again. */
  restart(): void {
    this.#named.clear();
    this.broker = this.copy();
  }

  async stop(): Promise<void> {
    for (const copy of this.#copies) await copy.stop();
    await this.store.close();
    await this.database.close();
    await this.#drop();
    await rm(this.directory, { recursive: true, force: true });
  }

  async file(path: string, content: string | Uint8Array): Promise<void> {
    const full = join(this.directory, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, content);
  }

  async apply(document: object): Promise<ResourceDocument> {
    const given = document as ResourceDocument;
    const key = keyOf(given);
    return this.store.transaction({ actor: 'test' }, async (tx) => {
      const current = await tx.getForUpdate(key);
      if (!current) return tx.create(given);
      return tx.update({ ...given, metadata: { ...current.metadata, ...given.metadata } });
    });
  }

  /** A Secret of the hub, sealed as the gateway seals it. */
  secret(namespace: string, name: string, data: Record<string, string>): Promise<ResourceDocument> {
    const sealed = Object.entries(data).map(([key, value]) => [
      key,
      this.keyring.seal(Buffer.from(value), { kind: 'Secret', namespace, name, key }),
    ]);
    return this.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, data: Object.fromEntries(sealed) });
  }

  clusterStore(name: string, provider: object, metadata: object = {}, spec: object = {}): Promise<ResourceDocument> {
    return this.apply({
      apiVersion: 'external-secrets.io/v1',
      kind: 'ClusterSecretStore',
      metadata: { name, ...metadata },
      spec: { provider, ...spec },
    });
  }

  /** A grant as the orchestrator makes it for a rendered object. */
  async grant(name: string, source: ResourceDocument, { project = 'default', rotateAt }: { project?: string; rotateAt?: string } = {}) {
    const bytes = Buffer.from(canonicalJson(source));
    const digest = digestBytes(bytes);
    await this.blobs.put([{ digest, bytes, sealed: false }]);
    const namespace = source.metadata.namespace ?? 'shop';
    const target = (source.spec as { target?: { name?: string } }).target?.name ?? source.metadata.name;
    return this.apply({
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'SecretGrant',
      metadata: { namespace: 'argocd', name },
      spec: {
        project,
        from: { kind: source.kind, namespace, name: source.metadata.name, digest },
        target: { namespace, name: target },
        ...(rotateAt ? { rotateAt } : {}),
      },
    });
  }

  /** An ExternalSecret `shop/NAME` with one value of store `files`, granted under its own name. */
  external(name: string, spec: object = {}, options: { project?: string; rotateAt?: string } = {}): Promise<ResourceDocument> {
    return this.grant(name, externalSecret(name, spec), options);
  }

  /** Names everything that changed to a copy, as its routes would, until nothing changes any more. */
  async settle(broker: Broker = this.broker): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      let hasNamed = false;
      for (const kind of NAMED)
        for (const document of (await this.store.list(kind)).items) hasNamed = (await this.#name(broker, document)) || hasNamed;
      await broker.settle();
      if (!hasNamed) return;
    }
    throw new Error('the broker does not come to rest');
  }

  /** Moves the clock and lets what is due run. */
  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
    await this.broker.settle();
    await this.settle();
  }

  async status(name: string): Promise<NonNullable<SecretGrant['status']>> {
    const grant = await this.store.get<Stored>({ kind: 'SecretGrant', namespace: 'argocd', name });
    return grant?.status ?? {};
  }

  async ready(name: string): Promise<{ status: string; reason?: string; message?: string }> {
    return (await this.status(name)).conditions?.find(({ type }) => type === 'Ready') ?? { status: 'none' };
  }

  /** The Secret whose value the broker keeps, opened. */
  async value(
    name: string,
  ): Promise<{ type: string; metadata: Record<string, unknown>; data: Record<string, string>; immutable?: boolean }> {
    const [row] = await this.database.query<{ uid: string; version: string; sealed: string }>(
      'SELECT uid, version, sealed FROM broker.values WHERE name = $1',
      [name],
    );
    const bytes = this.keyring.open(row!.sealed, { purpose: 'secret-value', grant: row!.uid, version: row!.version });
    const secret = JSON.parse(Buffer.from(bytes).toString()) as Awaited<ReturnType<BrokerUnderTest['value']>>;
    const data = Object.entries(secret.data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
    return { ...secret, data: Object.fromEntries(data) };
  }

  /** The grants of these SecretGrants, in the version they have now, as the spoke's document holds them. */
  async release(...names: string[]): Promise<void> {
    this.granted = await Promise.all(
      names.map(async (name) => {
        const { spec, status } = (await this.store.get<Stored>({ kind: 'SecretGrant', namespace: 'argocd', name }))!;
        const from = { kind: spec.from.kind, namespace: spec.from.namespace, name: spec.from.name };
        const base = { id: `g-${name}`, app: 'uid', source: name, from, target: spec.target, wave: 0, creationPolicy: 'Owner' as const };
        return { ...base, namespace: 'argocd', ...(status?.version ? { version: status.version } : {}) };
      }),
    );
  }

  async ask(...wants: { grant: string; version: string }[]): Promise<Exclude<SecretsReply, { error: unknown }>> {
    const reply = await this.broker.uses.secrets({ spoke: this.spoke, content: { session: 1, wants } });
    if ('error' in reply) throw new Error(reply.error.message);
    return reply;
  }

  async #name(broker: Broker, document: ResourceDocument): Promise<boolean> {
    const key = keyOf(document);
    const id = `${key.kind}/${key.namespace}/${key.name}`;
    const isCredential = key.kind === 'Secret' || key.kind === 'ConfigMap';
    const seen = `${document.metadata.generation} ${isCredential ? document.metadata.resourceVersion : ''} ${document.metadata.annotations ? canonicalJson(document.metadata.annotations) : ''}`;
    if (this.#named.get(id) === seen) return false;
    this.#named.set(id, seen);
    const context = { signal: new AbortController().signal };
    if (key.kind === 'SecretGrant') await broker.uses.grant(key);
    else if (isCredential) await broker.uses.credential(key, context);
    else await broker.uses.store(key, context);
    return true;
  }
}

export function externalSecret(name: string, spec: object = {}): ResourceDocument {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { namespace: 'shop', name },
    spec: {
      secretStoreRef: { kind: 'ClusterSecretStore', name: 'files' },
      data: [{ secretKey: 'password', remoteRef: { key: 'db.json', property: 'password' } }],
      ...spec,
    },
  };
}

function keyOf({ kind, metadata }: ResourceDocument): ResourceKey {
  return { kind, namespace: metadata.namespace ?? '', name: metadata.name };
}
