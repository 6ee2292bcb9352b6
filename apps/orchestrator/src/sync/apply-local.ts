import type { BlobStore } from '@flotilla/blobs';
import { parseObjectBlob } from '@flotilla/bundle';
import type { AppStatus, BundleItem, ResourceDocument, ResourceStatus } from '@flotilla/contracts';
import { type Clock, type Digest, messageOf, UnavailableError } from '@flotilla/kernel';
import { objectKey } from '@flotilla/kube';
import type { BundleCache } from '../candidates/bundle-cache.js';
import { isControlObject } from '../candidates/control-object.js';
import { HUB_CLUSTER } from '../fleet/resolve-destination.js';
import { judgeLocalPrune } from './judge-local-prune.js';
import type { LocalObject, LocalState, LocalStore } from './local.store.js';
import { describeProtected, type WriteLocal } from './write-local.js';

/** Deleted documents with finalizers take their time. */
const AGAIN_MS = 500;

export interface ApplyLocalParts {
  local: LocalStore;
  write: WriteLocal;
  blobs: BlobStore;
  bundles: BundleCache;
  clock: Clock;
}

type Condition = { type: string; message: string };

/** App of apps: puts the Application, ApplicationSet and AppProject objects of a bundle for in-cluster into the hub's own store. */
export class ApplyLocal {
  readonly #parts: ApplyLocalParts;

  constructor(parts: ApplyLocalParts) {
    this.#parts = parts;
  }

  /** @returns when to look again, in milliseconds since the epoch */
  async apply(uid: string): Promise<number | undefined> {
    const state = await this.#parts.local.read(uid);
    if (!state) return undefined;
    if (state.isDeleting) return this.#remove(state);
    if (state.assignment?.content.hubBundle) await this.#sync(state, state.assignment, state.assignment.content.hubBundle);
    return undefined;
  }

  async #remove({ application, objects }: LocalState): Promise<number | undefined> {
    const { local, write, clock } = this.#parts;
    const left: LocalObject[] = [];
    if (application.hasPruneFinalizer)
      for (const object of objects) if ((await write.remove(application, object)) !== 'gone') left.push(object);
    if (left.length === 0) {
      await local.finishRemoval(application.uid, clock.now());
      return undefined;
    }
    await local.saveObjects(application.uid, left);
    return clock.now() + AGAIN_MS;
  }

  async #sync(
    { application, objects, doneOperation }: LocalState,
    assignment: NonNullable<LocalState['assignment']>,
    hubBundle: string,
  ): Promise<void> {
    const { local, write, clock } = this.#parts;
    const { items } = await this.#parts.bundles.get(hubBundle);
    const wanted = await this.#documents(items.filter(isControlObject));
    const operation = assignment.operation && assignment.operation.id !== doneOperation ? assignment.operation : undefined;
    const mayWrite = (assignment.apply || operation !== undefined) && operation?.sync?.dryRun !== true;
    const conditions: Condition[] = [];
    const rows: ResourceStatus[] = [];
    const kept: LocalObject[] = [];
    for (const { item, document } of wanted) {
      const result = await write.put(application, document, mayWrite).catch((error: unknown) => ({ problem: messageOf(error) }));
      if ('object' in result && result.object) kept.push(result.object);
      if ('problem' in result) conditions.push({ type: 'SyncError', message: `${item.kind} ${item.name}: ${result.problem}` });
      rows.push({ key: objectKey(item), version: item.version, sync: 'isSynced' in result && result.isSynced ? 'Synced' : 'OutOfSync' });
    }
    const names = new Set(wanted.map(({ document }) => `${document.kind}/${document.metadata.namespace ?? ''}/${document.metadata.name}`));
    const leftOver = objects.filter(({ kind, namespace, name }) => !names.has(`${kind}/${namespace}/${name}`));
    const mayPrune = mayWrite && (operation?.sync?.prune === true || application.document.spec.syncPolicy?.automated?.prune === true);
    const verdict = judgeLocalPrune(leftOver, objects.length, mayPrune);
    if ('held' in verdict) conditions.push({ type: 'PruneHeld', message: verdict.held });
    const remaining = 'prune' in verdict ? await this.#prune(application, verdict.prune, conditions) : leftOver;
    for (const { kind, namespace, name } of remaining) {
      rows.push({ key: `argoproj.io/${kind}/${namespace}/${name}`, version: 'v1alpha1', sync: 'OutOfSync', requiresPruning: true });
    }
    await local.saveObjects(application.uid, [...kept, ...remaining]);
    conditions.push(...foreignCondition(items, assignment.content.bundle === hubBundle));
    await local.report(this.#report({ application, assignment, rows, conditions, operation }), clock.now());
  }

  async #prune(application: LocalState['application'], objects: readonly LocalObject[], conditions: Condition[]): Promise<LocalObject[]> {
    const left: LocalObject[] = [];
    for (const object of objects) {
      const result = await this.#parts.write.remove(application, object);
      if (result === 'protected') conditions.push({ type: 'PruneHeld', message: describeProtected(object) });
      if (result !== 'gone') left.push(object);
    }
    return left;
  }

  #report({
    application,
    assignment,
    rows,
    conditions,
    operation,
  }: {
    application: LocalState['application'];
    assignment: NonNullable<LocalState['assignment']>;
    rows: ResourceStatus[];
    conditions: Condition[];
    operation: NonNullable<LocalState['assignment']>['operation'];
  }): Omit<AppStatus, 'goneResources' | 'complete'> {
    const at = new Date(this.#parts.clock.now()).toISOString();
    const isSynced = rows.every(({ sync }) => sync === 'Synced');
    const failure = conditions.find(({ type }) => type === 'SyncError')?.message;
    return {
      uid: application.uid,
      release: assignment.label,
      bundle: assignment.content.bundle,
      sync: isSynced ? 'Synced' : 'OutOfSync',
      health: failure ? 'Degraded' : 'Healthy',
      ...(failure ? { message: failure } : {}),
      ...(conditions.length > 0 ? { conditions } : {}),
      ...(operation
        ? {
            operation: {
              id: operation.id,
              phase: failure ? 'Failed' : 'Succeeded',
              ...(failure ? { message: failure } : {}),
              startedAt: at,
              finishedAt: at,
            },
          }
        : {}),
      observedAt: at,
      resources: rows,
    };
  }

  async #documents(items: readonly BundleItem[]): Promise<{ item: BundleItem; document: ResourceDocument }[]> {
    const blobs = new Map(
      (await this.#parts.blobs.get(items.map(({ digest }) => digest as Digest))).map(({ digest, bytes }) => [digest as string, bytes]),
    );
    return items.map((item) => {
      const bytes = blobs.get(item.digest);
      if (!bytes) throw new UnavailableError(`blob ${item.digest} of ${item.kind} ${item.name} is not in the store`);
      return { item, document: parseObjectBlob(new TextDecoder().decode(bytes), item.digest) as unknown as ResourceDocument };
    });
  }
}

/** Without a local cluster nobody can take what is not the hub's own. */
function foreignCondition(items: readonly BundleItem[], isWhole: boolean): Condition[] {
  const foreign = items.filter((item) => !isControlObject(item));
  if (!isWhole || foreign.length === 0) return [];
  const names = foreign.slice(0, 5).map(({ kind, name }) => `${kind} ${name}`);
  const message = `no cluster of the fleet is marked local (${HUB_CLUSTER} takes Application, ApplicationSet and AppProject only), so ${foreign.length} objects are not applied: ${names.join(', ')}`;
  return [{ type: 'NoLocalCluster', message }];
}
