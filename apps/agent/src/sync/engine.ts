import type { Bundle, DesiredApp, DesiredBody, Grant, Removal } from '@flotilla/contracts';
import { jsonEqual, messageOf } from '@flotilla/kernel';
import { objectKey, parseObjectKey, TRACKING_ANNOTATION } from '@flotilla/kube';
import type { KindWatches } from '../cluster/kind-watches.js';
import type { Observed } from '../cluster/observed.js';
import { KeyedQueue } from '../keyed-queue.js';
import type { Denial } from '../plan/allow-list.js';
import { type AppRecord, newAppRecord } from '../plan/app-record.js';
import { grantedItems, type PlanItem, receiptsOf, type SecretsAtHand } from '../secrets/granted-items.js';
import { isRotation } from '../secrets/is-rotation.js';
import { buildAppStatus, unknownAppStatus } from '../status/build-app-status.js';
import type { StatusLedger } from '../status/status-ledger.js';
import { type Reconciled, reconcileApp } from './reconcile-app.js';
import { REMOVAL_RETRY_MS, removeApp } from './remove-app.js';
import { type AppMemory, newAppMemory, type SpokeContext } from './spoke-context.js';

export interface EngineOptions {
  context: SpokeContext;
  watches: KindWatches;
  ledger: StatusLedger;
  loadBundle: (digest: string) => Promise<Bundle>;
  denial: Denial;
  /** Which values of granted secrets are at hand. */
  secrets: SecretsAtHand;
  forgetRecord: (uid: string) => Promise<void>;
  /** Something the hub should hear has changed. */
  onStatus: () => void;
}

/** Applications worked on at once. */
const CONCURRENCY = 4;
/** Events of one application within this time are one reconcile. */
const SETTLE_MS = 50;
/** Every application is compared this often without being asked, spread over 75-125 %. */
const RESYNC_MS = 300_000;

interface App {
  desired: DesiredApp;
  grants: readonly Grant[];
  record: AppRecord;
  memory: AppMemory;
  /** Keys its bundle may mean: nothing of it is another application's to delete. */
  keys: ReadonlySet<string>;
  last?: Reconciled;
}

/** Holds what is desired and what is recorded, names what must be looked at, and lets each application be reconciled by itself. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #queue: KeyedQueue;
  readonly #apps = new Map<string, App>();
  readonly #records: Map<string, AppRecord>;
  #removals = new Map<string, Removal>();

  constructor(options: EngineOptions, records: readonly AppRecord[]) {
    this.#options = options;
    this.#records = new Map(records.map((record) => [record.uid, record]));
    const { clock, log } = options.context;
    this.#queue = new KeyedQueue({ concurrency: CONCURRENCY, clock, log, work: (uid) => this.#reconcile(uid) });
    options.context.cache.onChange((key, observed, before) => this.#hear(key, observed, before));
  }

  /** Takes a document over: what changed is reconciled, what is named nowhere keeps its objects. */
  async setDesired(body: DesiredBody): Promise<void> {
    const keysOf = new Map<string, ReadonlySet<string>>();
    for (const desired of body.apps) keysOf.set(desired.uid, await this.#keysOf(desired, grantsOf(body, desired.uid)));
    this.#removals = new Map(body.removals.map((removal) => [removal.uid, removal]));
    const wanted = new Set(body.apps.map(({ uid }) => uid));
    for (const uid of this.#apps.keys()) {
      if (wanted.has(uid)) continue;
      this.#apps.delete(uid);
      this.#options.ledger.forget(uid);
    }
    for (const desired of body.apps) {
      const record = this.#records.get(desired.uid) ?? newAppRecord(desired);
      delete record.removal;
      this.#records.set(desired.uid, record);
      const former = this.#apps.get(desired.uid);
      const keys = keysOf.get(desired.uid) ?? new Set();
      const grants = grantsOf(body, desired.uid);
      if (former && isSame(former, { desired, grants })) {
        former.keys = keys;
        continue;
      }
      const memory = former?.memory ?? newAppMemory();
      this.#apps.set(desired.uid, { desired, grants, record, memory, keys, last: former?.last });
      if (!isRotation(former, { desired, grants }, this.#options.secrets)) this.#queue.add(desired.uid);
    }
    for (const [uid, record] of this.#records) {
      if (this.#removals.has(uid)) this.#queue.add(uid);
      else if (!this.#apps.has(uid) && record.removal?.done) this.#drop(uid);
    }
    for (const [uid, { namespace, name }] of this.#removals) {
      if (!this.#records.has(uid)) this.#records.set(uid, newAppRecord({ uid, namespace, name }));
      this.#queue.add(uid);
    }
    this.#tellLists();
  }

  /** An application that is desired as before means what it meant; only what a grant stands for comes from elsewhere. */
  async #keysOf(desired: DesiredApp, grants: readonly Grant[]): Promise<ReadonlySet<string>> {
    const former = this.#apps.get(desired.uid);
    if (former && grants.length === 0 && isSame(former, { desired, grants })) return former.keys;
    const items = [...(await this.#options.loadBundle(desired.bundle)).items, ...grantedItems(grants, this.#options.secrets)];
    return possibleKeys(items, desired.destinationNamespace);
  }

  /** Looks at one application again, or at all of them, asking the cluster anew. */
  refresh(uid?: string): void {
    for (const [known, app] of this.#apps) {
      if (uid !== undefined && known !== uid) continue;
      app.memory.probedAt = 0;
      this.#queue.add(known);
    }
  }

  /** Something it is made of has changed at this spoke. */
  lookAt(uid: string): void {
    if (this.#apps.has(uid)) this.#queue.add(uid);
  }

  /** Whether an object is a Secret of a grant. */
  isGranted(key: string): boolean {
    return [...this.#records.values()].some(({ objects }) => objects.get(key)?.grant !== undefined);
  }

  app(uid: string): Readonly<App> | undefined {
    return this.#apps.get(uid);
  }

  /** The trace context of what was last done for an application, else of the commit or edit behind it. */
  traceOf(uid: string): string | undefined {
    const app = this.#apps.get(uid);
    return app?.memory.trace?.traceparent ?? app?.desired.traceparent;
  }

  recordOf(uid: string): AppRecord | undefined {
    return this.#records.get(uid);
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  async #reconcile(uid: string): Promise<number | undefined> {
    const removal = this.#removals.get(uid);
    if (removal) return this.#remove(removal);
    const app = this.#apps.get(uid);
    return app ? this.#sync(app) : undefined;
  }

  async #sync(app: App): Promise<number | undefined> {
    const { context, watches, ledger, denial, secrets } = this.#options;
    const { desired, grants, record, memory } = app;
    const observedAt = (): string => new Date(context.clock.now()).toISOString();
    try {
      const items = [...(await this.#options.loadBundle(desired.bundle)).items, ...grantedItems(grants, secrets)];
      const isClaimedElsewhere = (key: string): boolean => this.#isClaimed(key, desired.uid);
      const done = await reconcileApp({ context, watches, task: { app: desired, record, memory }, items, denial, isClaimedElsewhere });
      if (this.#apps.get(desired.uid)?.desired !== desired) return 0;
      app.last = done;
      ledger.set(buildAppStatus({ app: desired, record, plan: done.plan, problems: memory.problems, observedAt: observedAt() }));
      ledger.setSecrets(
        desired.uid,
        receiptsOf(grants, record, (key) => messageFor(app, done, key), observedAt()),
      );
      this.#options.onStatus();
      const resync = RESYNC_MS * (0.75 + Math.random() / 2);
      return Math.min(done.againAfterMs ?? resync, resync);
    } catch (error) {
      ledger.set(unknownAppStatus(desired, record, messageOf(error), observedAt()));
      this.#options.onStatus();
      throw error;
    }
  }

  async #remove(removal: Removal): Promise<number | undefined> {
    const { context } = this.#options;
    const record = this.#records.get(removal.uid);
    if (!record || record.removal?.done) return undefined;
    const isClaimedElsewhere = (key: string): boolean => this.#isClaimed(key, removal.uid);
    const isSucceeded = [...this.#apps.values()].some(
      ({ desired }) => desired.namespace === record.namespace && desired.name === record.name,
    );
    record.removal = await removeApp({ context, removal, record, isClaimedElsewhere, isSucceeded });
    await context.saveRecord(record);
    this.#tellLists();
    return record.removal.done ? undefined : REMOVAL_RETRY_MS;
  }

  /** Whether another assigned application desires the object: then it is not this one's to delete. */
  #isClaimed(key: string, except: string): boolean {
    for (const [uid, { keys }] of this.#apps) if (uid !== except && keys.has(key)) return true;
    return false;
  }

  #tellLists(): void {
    const { ledger, onStatus } = this.#options;
    const removing = [...this.#removals.values()].flatMap(({ uid }) => {
      const removal = this.#records.get(uid)?.removal;
      return removal ? [{ kind: 'removal' as const, uid, ...removal }] : [];
    });
    ledger.setReceipts(removing);
    ledger.setUnassigned(
      [...this.#records.values()]
        .filter(({ uid, objects }) => !this.#apps.has(uid) && !this.#removals.has(uid) && objects.size > 0)
        .map(({ uid, namespace, name, objects }) => ({ uid, name: `${namespace}/${name}`, objects: objects.size })),
    );
    onStatus();
  }

  #drop(uid: string): void {
    this.#records.delete(uid);
    this.#queue.forget(uid);
    this.#options.forgetRecord(uid).catch((error: unknown) => {
      this.#options.context.log('warn', 'record not removed', { app: uid, error: messageOf(error) });
    });
  }

  /** A watch event names applications by the tracking id, and by whose inventory or bundle holds the key. */
  #hear(key: string, observed: Observed | undefined, before: Observed | undefined): void {
    const owners = new Set([observed, before].flatMap((seen) => seen?.meta.annotations?.[TRACKING_ANNOTATION]?.split(':')[0] ?? []));
    const kind = parseObjectKey(key)?.kind;
    const unparks = kind === 'CustomResourceDefinition' || kind === 'Namespace';
    for (const [uid, { desired, record, keys, last }] of this.#apps) {
      const isOwner = owners.has(`${desired.namespace}_${desired.name}`) || record.objects.has(key) || keys.has(key);
      const isParked = unparks && last?.plan.objects.some(({ state }) => state === 'parked' || state === 'new');
      if (isOwner || isParked) this.#queue.add(uid, SETTLE_MS);
    }
    for (const uid of this.#removals.keys()) if (this.#records.get(uid)?.objects.has(key)) this.#queue.add(uid, SETTLE_MS);
  }
}

const isSame = (former: Pick<App, 'desired' | 'grants'>, now: Pick<App, 'desired' | 'grants'>): boolean =>
  jsonEqual(former.desired, now.desired) && jsonEqual(former.grants, now.grants);

const grantsOf = ({ grants }: DesiredBody, uid: string): Grant[] => grants.filter(({ app }) => app === uid);

function messageFor({ memory }: App, { plan }: Reconciled, key: string): string | undefined {
  return memory.problems.get(key) ?? plan.objects.find(({ item }) => item.key === key)?.message;
}

/** Whether a kind has namespaces is the cluster's to say, so both forms count. */
function possibleKeys(items: readonly PlanItem[], destinationNamespace: string): Set<string> {
  const namespaces = (own: string): string[] => ['', own || destinationNamespace || 'default'];
  return new Set(items.flatMap((item) => namespaces(item.namespace).map((namespace) => objectKey({ ...item, namespace }))));
}
