import type { BlobStore } from '@flotilla/blobs';
import { parseObjectBlob } from '@flotilla/bundle';
import type { AppStatus, BundleItem, ResourceDocument, ResourceStatus } from '@flotilla/contracts';
import { type Clock, type Digest, messageOf, UnavailableError } from '@flotilla/kernel';
import { objectKey } from '@flotilla/kube';
import type { BundleCache } from '../candidates/bundle-cache.js';
import { isControlObject } from '../candidates/control-object.js';
import type { FleetApplication } from '../fleet/fleet.store.js';
import { HUB_CLUSTER } from '../fleet/resolve-destination.js';
import { describeAbsence, describePending, describeRemoval } from './describe-removal.js';
import type { LocalObject, LocalState, LocalStore } from './local.store.js';
import { leftOf, nextLook, type RemovalOutcome, type RemoveLocal } from './remove-local.js';
import type { WriteLocal } from './write-local.js';

export interface ApplyLocalParts {
  local: LocalStore;
  write: WriteLocal;
  remove: RemoveLocal;
  blobs: BlobStore;
  bundles: BundleCache;
  clock: Clock;
}

/** After an error of the store itself. */
const UNKNOWN_AGAIN_MS = 10_000;

type Condition = { type: string; message: string };
type Operation = NonNullable<NonNullable<LocalState['assignment']>['operation']>;

interface Wanted {
  item: BundleItem;
  document: ResourceDocument;
}

interface Put {
  kept: LocalObject[];
  rows: ResourceStatus[];
  conditions: Condition[];
  /** Some could not be written and nobody knows why: nothing is deleted then. */
  isUnknown: boolean;
}

interface Reported extends Pick<Put, 'rows' | 'conditions'> {
  application: FleetApplication;
  assignment: NonNullable<LocalState['assignment']>;
  operation: Operation | undefined;
}

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
    if (state.assignment?.content.hubBundle) return this.#sync(state, state.assignment, state.assignment.content.hubBundle);
    return undefined;
  }

  /** A deleted application takes its documents along, through the same guard as one that prunes; it is there as long as they are. */
  async #remove({ application, objects }: LocalState): Promise<number | undefined> {
    const { local, remove, clock } = this.#parts;
    const leaving = application.hasPruneFinalizer ? objects : [];
    const outcome = await remove.run({ application, leaving, staying: [], wantedBy: 'automation' });
    const left = leftOf(outcome);
    if (left.length === 0) {
      await local.finishRemoval(application.uid, clock.now());
      return undefined;
    }
    await local.saveObjects(application.uid, left);
    const why = `Application ${application.name} is deleted`;
    const said = [describeRemoval(application, outcome, why), describePending(application, outcome), ...outcome.warnings];
    const message = said.filter((part) => part !== undefined).join('; ');
    await local.explainRemoval(application, message || undefined, clock.now());
    return nextLook(outcome, objects, clock.now());
  }

  async #sync(state: LocalState, assignment: NonNullable<LocalState['assignment']>, hubBundle: string): Promise<number | undefined> {
    const { application, objects, doneOperation } = state;
    const { local, clock } = this.#parts;
    const { items } = await this.#parts.bundles.get(hubBundle);
    const wanted = await this.#documents(items.filter(isControlObject));
    const operation = assignment.operation && assignment.operation.id !== doneOperation ? assignment.operation : undefined;
    const mayWrite = (assignment.apply || operation !== undefined) && operation?.sync?.dryRun !== true;
    const { kept, rows, conditions, isUnknown } = await this.#put(application, wanted, objects, mayWrite);
    const names = new Set([...wanted.map(({ document }) => keyOf(document)), ...kept.map(keyText)]);
    const leaving = objects.filter((object) => !names.has(keyText(object)));
    // Should the rest fail, what was written is still known to be its own.
    const known = new Set(objects.map(({ uid }) => uid));
    if (kept.some(({ uid }) => !known.has(uid))) await local.saveObjects(application.uid, [...kept, ...leaving]);
    const outcome = isUnknown
      ? { left: leaving, conditions: [], next: clock.now() + UNKNOWN_AGAIN_MS }
      : await this.#prune(state, leaving, { operation, mayWrite, revision: assignment.content.revision });
    for (const { kind, namespace, name } of outcome.left) {
      rows.push({ key: `argoproj.io/${kind}/${namespace}/${name}`, version: 'v1alpha1', sync: 'OutOfSync', requiresPruning: true });
    }
    await local.saveObjects(application.uid, [...kept, ...outcome.left]);
    conditions.push(...outcome.conditions, ...foreignCondition(items, assignment.content.bundle === hubBundle));
    await local.report(this.#report({ application, assignment, rows, conditions, operation }), clock.now());
    return outcome.next;
  }

  /** What cannot be written now stays its own: it would otherwise never be deleted. */
  async #put(application: FleetApplication, wanted: readonly Wanted[], objects: readonly LocalObject[], mayWrite: boolean): Promise<Put> {
    const put: Put = { kept: [], rows: [], conditions: [], isUnknown: false };
    const known = new Map(objects.map((object) => [keyText(object), object]));
    for (const { item, document } of wanted) {
      const result = await this.#parts.write
        .put(application, document, mayWrite)
        .catch((error: unknown) => ({ problem: messageOf(error), isUnknown: true }));
      if ('isUnknown' in result) put.isUnknown = true;
      const object = 'object' in result ? result.object : known.get(keyOf(document));
      if (object) put.kept.push(unmarked(object));
      if ('problem' in result) put.conditions.push({ type: 'SyncError', message: `${item.kind} ${item.name}: ${result.problem}` });
      const isSynced = 'isSynced' in result && result.isSynced;
      put.rows.push({ key: objectKey(item), version: item.version, sync: isSynced ? 'Synced' : 'OutOfSync' });
    }
    return put;
  }

  /** Deletes what the source no longer has, where that is asked for; what an earlier sync was held for can still be released. */
  async #prune(
    { application, objects }: LocalState,
    leaving: readonly LocalObject[],
    { operation, mayWrite, revision }: { operation: Operation | undefined; mayWrite: boolean; revision: string },
  ): Promise<{ left: LocalObject[]; conditions: Condition[]; next?: number }> {
    const isAutomatic = application.document.spec.syncPolicy?.automated?.prune === true;
    const isAsked = mayWrite && (operation?.sync?.prune === true || isAutomatic);
    const isOtherSync = mayWrite && operation !== undefined && !isAsked;
    const candidates = isAsked ? leaving : leaving.filter(({ leftAt }) => leftAt !== undefined).map(isOtherSync ? unheld : same);
    const others = isAsked ? [] : leaving.filter(({ leftAt }) => leftAt === undefined);
    if (candidates.length === 0) return { left: others, conditions: [] };
    const gone = new Set(leaving);
    const staying = [...objects.filter((object) => !gone.has(object)), ...others].map(keyText);
    const wantedBy = !isAsked ? 'nobody' : operation?.sync?.prune === true ? 'person' : 'automation';
    const outcome = await this.#parts.remove.run({ application, leaving: candidates, staying, wantedBy });
    const conditions = conditionsOf(application, outcome, describeAbsence(application, revision));
    return { left: [...leftOf(outcome), ...others], conditions, next: nextLook(outcome, objects, this.#parts.clock.now()) };
  }

  #report({ application, assignment, rows, conditions, operation }: Reported): Omit<AppStatus, 'goneResources' | 'complete'> {
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

  async #documents(items: readonly BundleItem[]): Promise<Wanted[]> {
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

const keyText = ({ kind, namespace, name }: Omit<LocalObject, 'uid'>): string => `${kind}/${namespace}/${name}`;
const keyOf = ({ kind, metadata }: ResourceDocument): string => keyText({ kind, namespace: metadata.namespace ?? '', name: metadata.name });
const unmarked = ({ kind, namespace, name, uid }: LocalObject): LocalObject => ({ kind, namespace, name, uid });

const same = (object: LocalObject): LocalObject => object;
/** A sync that does not prune takes back what an earlier one was held for. */
const unheld = ({ heldSince, ...object }: LocalObject): LocalObject =>
  object.releasedBy === undefined ? object : { ...object, ...(heldSince === undefined ? {} : { heldSince }) };

function conditionsOf(application: FleetApplication, outcome: RemovalOutcome, why: string): Condition[] {
  const held = describeRemoval(application, outcome, why);
  const pending = describePending(application, outcome);
  return [
    ...(held ? [{ type: 'PruneHeld', message: held }] : []),
    ...(pending ? [{ type: 'DeletionsPending', message: pending }] : []),
    ...outcome.warnings.map((message) => ({ type: 'GuardSettingsWarning', message })),
  ];
}

/** Without a local cluster nobody can take what is not the hub's own. */
function foreignCondition(items: readonly BundleItem[], isWhole: boolean): Condition[] {
  const foreign = items.filter((item) => !isControlObject(item));
  if (!isWhole || foreign.length === 0) return [];
  const names = foreign.slice(0, 5).map(({ kind, name }) => `${kind} ${name}`);
  const message = `no cluster of the fleet is marked local (${HUB_CLUSTER} takes Application, ApplicationSet and AppProject only), so ${foreign.length} objects are not applied: ${names.join(', ')}`;
  return [{ type: 'NoLocalCluster', message }];
}
