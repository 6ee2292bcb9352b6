import type { Application, OwnerReference } from '@flotilla/contracts';
import { type Clock, digestJson } from '@flotilla/kernel';
import { done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore, ResourceTransaction } from '@flotilla/resources';
import type { FleetStore } from './fleet.store.js';

/** Keeps an Application until every spoke has confirmed what its deletion means there. */
export const REMOVAL_FINALIZER = 'flotilla.dev/removal';
/** Argo CD's, with its variants `/background` and `/foreground`: the application's objects go with it. */
const PRUNE_FINALIZER = 'resources-finalizer.argocd.argoproj.io';
/** Argo CD's: approves deletions that need it, since a time or always. */
export const DELETION_APPROVED = 'argocd.argoproj.io/deletion-approved';

const ACTOR = { actor: 'service:orchestrator' };
const isPruneFinalizer = (text: string): boolean => text === PRUNE_FINALIZER || text.startsWith(`${PRUNE_FINALIZER}/`);

/** Some 10 MB; beyond it everything is looked at once more. */
const MAX_SEEN = 100_000;

/** Takes an Application document in: its row, its finalizer, its `operation`, its deletion. */
export class ReconcileApplication {
  readonly #store: ResourceStore;
  readonly #fleet: FleetStore;
  readonly #clock: Clock;

  /** Digests of documents that were taken in as they are. */
  readonly #seen = new Map<string, string>();

  constructor(store: ResourceStore, fleet: FleetStore, clock: Clock) {
    this.#store = store;
    this.#fleet = fleet;
    this.#clock = clock;
  }

  /** For the watch, which also names every application whose status moved: one that is otherwise as it was is left alone. */
  async onChange(key: ResourceKey): Promise<Outcome> {
    const document = await this.#store.get<Application>(key);
    const digest = document && settledDigest(document);
    const uid = document?.metadata.uid ?? '';
    if (digest !== undefined && this.#seen.get(uid) === digest) return done;
    const outcome = await this.#reconcile(key, document);
    if (digest !== undefined) this.#remember(uid, digest);
    return outcome;
  }

  async reconcile(key: ResourceKey): Promise<Outcome> {
    return this.#reconcile(key, await this.#store.get<Application>(key));
  }

  /** The resync looks at everything afresh. */
  forgetSeen(): void {
    this.#seen.clear();
  }

  #remember(uid: string, digest: string): void {
    if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
    this.#seen.set(uid, digest);
  }

  async #reconcile(key: ResourceKey, document: Application | undefined): Promise<Outcome> {
    await this.#letGo(key, document?.metadata.uid);
    if (!document) return done;
    if (document.metadata.deletionTimestamp) await this.#delete(document);
    else await this.#take(key, document);
    return done;
  }

  /** Whoever had this name and is gone without our finalizer was taken from the store by force: its objects are left alone. */
  async #letGo({ namespace, name }: ResourceKey, except: string | undefined): Promise<void> {
    for (const uid of await this.#fleet.othersNamed(namespace, name, except)) {
      if (await this.#fleet.beginRemoval(uid, 'orphan', this.#clock.now())) await this.#fleet.forgetApplication(uid, this.#clock.now());
    }
  }

  async #take(key: ResourceKey, document: Application): Promise<void> {
    const finalizers = document.metadata.finalizers ?? [];
    const { operation } = document;
    // The row comes first: an operation that is taken off the document is never lost.
    await this.#save(document, finalizers);
    if (operation) {
      const id = digestJson([document.metadata.uid, document.metadata.generation, operation]).slice(0, 32);
      await this.#fleet.request(document.metadata.uid!, { id, operation }, this.#clock.now());
    }
    if (finalizers.includes(REMOVAL_FINALIZER) && !operation) return;
    await this.#edit(key, document.metadata.uid!, async (tx, current) => {
      const rest = { ...current };
      if (operation && digestJson(current.operation ?? null) === digestJson(operation)) delete rest.operation;
      const kept = current.metadata.finalizers ?? [];
      const withOurs = kept.includes(REMOVAL_FINALIZER) ? kept : [...kept, REMOVAL_FINALIZER];
      await tx.update({ ...rest, metadata: { ...current.metadata, finalizers: withOurs } });
    });
  }

  async #save(document: Application, finalizers: readonly string[]): Promise<void> {
    const { metadata, spec } = document;
    const namespace = metadata.namespace ?? '';
    const set = metadata.ownerReferences?.find(({ kind }) => kind === 'ApplicationSet');
    await this.#fleet.saveApplication(
      {
        uid: metadata.uid!,
        namespace,
        name: metadata.name,
        unit: set ? `set:${set.uid}` : `app:${metadata.uid}`,
        document: { apiVersion: document.apiVersion, kind: document.kind, metadata: slim(document), spec },
        hasPruneFinalizer: finalizers.some(isPruneFinalizer),
        deletionApproved: metadata.annotations?.[DELETION_APPROVED] !== undefined,
        rv: metadata.resourceVersion ?? '0',
        firstSeen: this.#clock.now(),
      },
      unitOf(document, set),
      this.#clock.now(),
    );
  }

  async #delete(document: Application): Promise<void> {
    const { metadata } = document;
    const mode = metadata.finalizers?.some(isPruneFinalizer) ? 'prune' : 'orphan';
    if (!(await this.#fleet.beginRemoval(metadata.uid!, mode, this.#clock.now()))) return;
    const key = { kind: 'Application', namespace: metadata.namespace ?? '', name: metadata.name };
    await this.#edit(key, metadata.uid!, async (tx, current) => {
      const finalizers = (current.metadata.finalizers ?? []).filter((text) => text !== REMOVAL_FINALIZER && !isPruneFinalizer(text));
      await tx.update({ ...current, metadata: { ...current.metadata, finalizers } });
    });
    await this.#fleet.forgetApplication(metadata.uid!, this.#clock.now());
  }

  async #edit(key: ResourceKey, uid: string, change: (tx: ResourceTransaction, current: Application) => Promise<void>): Promise<void> {
    await this.#store.transaction(ACTOR, async (tx) => {
      const current = await tx.getForUpdate<Application>(key);
      if (current?.metadata.uid === uid) await change(tx, current);
    });
  }
}

function unitOf(
  { metadata }: Application,
  set: OwnerReference | undefined,
): { kind: string; namespace: string; name: string; uid: string } {
  const namespace = metadata.namespace ?? '';
  if (set) return { kind: 'ApplicationSet', namespace, name: set.name, uid: set.uid };
  return { kind: 'Application', namespace, name: metadata.name, uid: metadata.uid! };
}

function slim({ metadata }: Application): Application['metadata'] {
  const { name, namespace, uid, labels, annotations } = metadata;
  return { name, namespace, uid, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
}

/** Undefined while there is something to do with the document besides its row. */
function settledDigest({ metadata, operation, spec }: Application): string | undefined {
  if (metadata.deletionTimestamp || operation || !metadata.finalizers?.includes(REMOVAL_FINALIZER)) return undefined;
  const { resourceVersion: _resourceVersion, managedFields: _managedFields, ...kept } = metadata;
  return digestJson({ metadata: kept, spec });
}
