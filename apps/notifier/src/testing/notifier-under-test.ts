import type { ResourceDocument } from '@flotilla/contracts';
import { type Clock, isObject, ManualClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { migrate, openDatabase } from '@flotilla/persistence';
import { PgApplicationStatusWriter, PgResourceStore, resourcesMigrations } from '@flotilla/resources';
import { silentLogger } from '@flotilla/telemetry';
import { testDatabase } from '@flotilla/testkit';
import { createNotifier, type Notifier } from '../create-notifier.js';
import type { NotifierConfig } from '../notifier.config.js';
import { notifierSchema } from '../notifier.schema.js';
import { CountingDatabase } from './counting-database.js';
import { TestChannel } from './test-channel.js';

const CONTEXT = { actor: 'test' };

/** A notifier over a database of its own, with channels that keep what they are sent. */
export class NotifierUnderTest {
  readonly clock = new ManualClock(Date.UTC(2026, 5, 1, 12));
  readonly channels = [new TestChannel('slack'), new TestChannel('email'), new TestChannel('webhook', 64)] as const;
  readonly keyring = createKeyring(new Uint8Array(32).fill(7));
  readonly url: string;
  readonly database: CountingDatabase;
  readonly store: PgResourceStore;
  readonly #statuses: PgApplicationStatusWriter;
  readonly #drop: () => Promise<void>;
  readonly #notifiers: Notifier[] = [];

  private constructor(url: string, database: CountingDatabase, drop: () => Promise<void>) {
    this.url = url;
    this.database = database;
    this.store = new PgResourceStore({ database });
    this.#statuses = new PgApplicationStatusWriter(database);
    this.#drop = drop;
  }

  static async start(): Promise<NotifierUnderTest> {
    const { url, drop } = await testDatabase();
    const database = new CountingDatabase(openDatabase({ url, applicationName: 'test' }));
    for (const migrations of [resourcesMigrations, notifierSchema]) await migrate(database, migrations);
    return new NotifierUnderTest(url, database, drop);
  }

  get slack(): TestChannel {
    return this.channels[0];
  }

  get webhook(): TestChannel {
    return this.channels[2];
  }

  /** A copy of the service; what it needs is shared with the others. */
  open(config: Partial<NotifierConfig> = {}, clock: Clock = this.clock): Notifier {
    const all = { concurrency: 4, stormLimit: 20, maxBacklog: 1_000, allowAddresses: [], probeHost: '', probePort: 0, ...config };
    const ports = { database: this.database, store: this.store, keyring: this.keyring, channels: this.channels, clock };
    const notifier = createNotifier(all, { ...ports, random: () => 0.5, logger: silentLogger });
    this.#notifiers.push(notifier);
    return notifier;
  }

  async put(document: ResourceDocument): Promise<void> {
    const { kind, metadata, status, ...rest } = document;
    const key = { kind, namespace: metadata.namespace ?? '', name: metadata.name };
    await this.store.transaction(CONTEXT, async (tx) => {
      const current = await tx.getForUpdate(key);
      const base = current
        ? await tx.update({ ...rest, kind, metadata: { ...metadata, uid: current.metadata.uid } })
        : await tx.create({ ...rest, kind, metadata });
      if (status !== undefined) await tx.updateStatus({ ...base, status });
    });
  }

  async remove(kind: string, name: string, namespace = 'argocd'): Promise<void> {
    await this.store.transaction(CONTEXT, (tx) => tx.delete({ kind, namespace, name }));
  }

  /** The status of an application as the orchestrator writes it. */
  async report(name: string, status: Record<string, unknown>): Promise<void> {
    const document = await this.store.get({ kind: 'Application', namespace: 'argocd', name });
    const before = isObject(document?.status) ? document.status : {};
    await this.#statuses.upsert([{ namespace: 'argocd', name, uid: document!.metadata.uid!, status: { ...before, ...status } }], CONTEXT);
  }

  configure(data: Record<string, string>): Promise<void> {
    return this.put({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'argocd-notifications-cm', namespace: 'argocd' },
      data: { 'service.slack': 'token: $slack-token', ...data },
    });
  }

  keep(values: Record<string, string>): Promise<void> {
    const place = { namespace: 'argocd', name: 'argocd-notifications-secret' };
    const seal = (key: string, value: string) => this.keyring.seal(Buffer.from(value), { kind: 'Secret', ...place, key });
    const data = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, seal(key, value)]));
    return this.put({ apiVersion: 'v1', kind: 'Secret', metadata: place, data });
  }

  /** An application without a status. */
  application(name: string, annotations: Record<string, string> = {}, labels: Record<string, string> = {}): Promise<void> {
    return this.put({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name, namespace: 'argocd', annotations, labels },
      spec: { project: 'default', source: { repoURL: 'https://git.example.com/shop', path: '.' }, destination: { name: 'prod' } },
    });
  }

  async stop(): Promise<void> {
    for (const notifier of this.#notifiers.splice(0)) await notifier.stop(0);
    await this.store.close();
    await this.database.close();
    await this.#drop();
  }
}

export const subscribe = (trigger: string, recipient = 'alerts', service = 'slack'): Record<string, string> => ({
  [`notifications.argoproj.io/subscribe.${trigger}.${service}`]: recipient,
});
export const degraded = { health: { status: 'Degraded' } };
export const healthy = { health: { status: 'Healthy' } };
