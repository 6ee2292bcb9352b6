import type { BlobStore } from '@flotilla/blobs';
import { MAX_HELD_REASONS, type ResourceDocument } from '@flotilla/contracts';
import { ClusterShares, type FileGlobs, setInputs } from '@flotilla/generators';
import { type Clock, jsonEqual } from '@flotilla/kernel';
import type { MessageBus } from '@flotilla/messaging';
import { again, done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore, ResourceTransaction, WriteContext } from '@flotilla/resources';
import {
  type ApplicationPlan,
  clusterEntries,
  type DeletionReason,
  deletionExplainer,
  ownedNames,
  planApplications,
  releasedDeletions,
  untilDue,
  withReleased,
} from '@flotilla/setplan';
import { readGuard } from '../guard/read-guard.js';
import { DEFAULT_REVISION } from '../inputs/git-inputs.js';
import type { HostsOf } from '../inputs/host-inputs.js';
import { listAll } from '../inputs/list-documents.js';
import { readInputs, type SetInputDocuments } from '../inputs/read-inputs.js';
import { type ExpansionAnswer, expandSafely } from './expand-safely.js';
import { type FollowedClusters, followClusters, writeFollowed } from './follow-clusters.js';
import { refuseApplication } from './refuse-application.js';
import { removeSet, SET_FINALIZER } from './remove-set.js';
import { type SetMemory, setKey } from './set-memory.js';
import { type SettledOutcome, statusOf } from './set-status.js';
import type { StoredSet } from './stored-set.js';

export interface ReconcileSetPorts {
  store: ResourceStore;
  bus: MessageBus;
  blobs: BlobStore;
  hosts: HostsOf;
  clock: Clock;
  memory: SetMemory;
  fileGlobs?: FileGlobs;
}

/** As Argo CD requeues a set whose parameters could not be generated, or of whose applications one is refused. */
const RETRY_ERROR_MS = 180_000;
/** An input that passes is worth asking for sooner. */
const RETRY_INPUT_MS = 15_000;
/** A generated name that is still being deleted. */
const RETRY_WAITING_MS = 2_000;

/**
 * Brings the applications of one set to what its generators say: expand outside, then in one transaction under the set's row
 * compare with what is stored, ask the guard, write, and say so in the set's status. Without a complete expansion only the
 * status is written. Where only single clusters moved since, their shares are followed instead.
 */
export class ReconcileSet {
  readonly #ports: ReconcileSetPorts;

  constructor(ports: ReconcileSetPorts) {
    this.#ports = ports;
  }

  async run(key: ResourceKey, traceparent?: string): Promise<Outcome> {
    const { store, memory } = this.#ports;
    const place = setKey(key.namespace, key.name);
    const set = await store.get<StoredSet>(key);
    if (!set) {
      memory.forget(place);
      memory.moves.otherwiseMoved(place);
      return done;
    }
    const context: WriteContext = { actor: 'service:expander', ...(traceparent ? { traceparent } : {}) };
    if (set.metadata.deletionTimestamp) return store.transaction(context, (tx) => removeSet(tx, key, this.#ports.clock.now()));
    const moved = memory.moves.take(place);
    let outcome: Outcome | undefined;
    try {
      const followed = moved && moved.size > 0 && (await followClusters(set, moved, memory, this.#ports));
      const isFollowed = followed && (await store.transaction(context, (tx) => this.#follow(tx, key, set, followed)));
      outcome = isFollowed ? done : await this.#expandWhole(key, set, context);
      return outcome;
    } finally {
      if (outcome !== done) memory.moves.otherwiseMoved(place);
    }
  }

  async #expandWhole(key: ResourceKey, set: StoredSet, context: WriteContext): Promise<Outcome> {
    this.#ports.memory.settle(setKey(key.namespace, key.name), undefined);
    const inputs = await readInputs(set, this.#ports);
    const answer = await expandSafely(set, inputs);
    return this.#ports.store.transaction(context, (tx) => this.#settle(tx, key, set, inputs, answer));
  }

  /** Whether that was all there was to do. */
  async #follow(tx: ResourceTransaction, key: ResourceKey, seen: StoredSet, followed: FollowedClusters): Promise<boolean> {
    const set = await tx.getForUpdate<StoredSet>(key);
    if (!set || !jsonEqual(identityOf(set), identityOf(seen))) return false;
    const written = await writeFollowed(tx, set, followed, this.#ports.memory);
    if (!written) return false;
    this.#ports.memory.rememberMore(setKey(key.namespace, key.name), written.agreed);
    const applications = (set.status?.applications ?? 0) + written.created;
    if (written.created > 0) await tx.updateStatus<StoredSet>({ ...set, status: { ...set.status, applications } });
    return true;
  }

  async #settle(
    tx: ResourceTransaction,
    key: ResourceKey,
    seen: StoredSet,
    inputs: SetInputDocuments,
    answer: ExpansionAnswer,
  ): Promise<Outcome> {
    const set = await tx.getForUpdate<StoredSet>(key);
    if (!set) return done;
    if (set.metadata.uid !== seen.metadata.uid || set.metadata.generation !== seen.metadata.generation || set.metadata.deletionTimestamp) {
      return again(0);
    }
    if ('failure' in answer) {
      const { heldDeletions: hold = [], heldReasons: reasons, pendingDeletions: pending, applications } = set.status ?? {};
      await this.#writeStatus(tx, set, { failure: answer.failure, refused: [], warnings: [], hold, reasons, pending }, applications);
      return again(answer.failure.isLasting ? RETRY_ERROR_MS : RETRY_INPUT_MS);
    }
    // Another copy may have expanded a newer inventory while this one waited for the row.
    if (await haveClustersMoved(tx, inputs)) return again(0);
    const { plan, reasons, warnings } = await this.#carryOut(tx, set, inputs, answer.expansion);
    const { refused, hold, holdRule, pending } = plan;
    const outcome = { refused, warnings: [...answer.expansion.warnings, ...warnings], hold, holdRule, reasons, pending };
    const kept = await this.#keepSet(tx, set);
    await this.#writeStatus(tx, kept, outcome, plan.count);
    if (isComplete(plan, answer.expansion)) {
      const { generation } = set.metadata;
      this.#ports.memory.settle(setKey(key.namespace, key.name), { generation, shares: ClusterShares.of(set), commits: inputs.commits });
    }
    const waits = [
      plan.waiting.length > 0 ? RETRY_WAITING_MS : undefined,
      refused.length > 0 ? RETRY_ERROR_MS : undefined,
      untilDue(pending, this.#ports.clock.now()),
    ];
    const soonest = Math.min(...[...waits, setInputs(set.spec).requeueMs].filter((wait) => wait !== undefined));
    return Number.isFinite(soonest) ? again(soonest) : done;
  }

  async #carryOut(
    tx: ResourceTransaction,
    set: StoredSet,
    inputs: SetInputDocuments,
    expansion: Expanded,
  ): Promise<{ plan: ApplicationPlan; reasons: DeletionReason[]; warnings: string[] }> {
    const namespace = set.metadata.namespace ?? '';
    const place = setKey(namespace, set.metadata.name);
    const { memory } = this.#ports;
    memory.startWith(place, set.metadata.generation);
    const existing = new Map((await listAll(tx, 'Application', { namespace })).map((document) => [document.metadata.name, document]));
    const owned = ownedNames(existing, set).map((name) => existing.get(name)!);
    const { guard, warnings } = await readGuard(tx, { set, owned, ...inputs, now: this.#ports.clock.now() });
    const plan = planApplications({
      set,
      expansion,
      existing,
      released: releasedDeletions(set),
      guard,
      refuse: (document, previous) => refuseApplication(document, previous, inputs),
      isKnownEqual: (generated, stored) => memory.isKnownEqual(place, generated, stored),
    });
    for (const document of plan.create) existing.set(document.metadata.name, await tx.create(document));
    const reasons = await reasonsOf(plan, set, inputs, expansion, existing);
    for (const document of [...plan.update, ...plan.mark]) existing.set(document.metadata.name, await tx.update(document));
    for (const name of plan.delete) {
      const uid = existing.get(name)?.metadata.uid;
      await tx.delete({ kind: 'Application', namespace, name }, uid ? { uid } : {});
      existing.delete(name);
    }
    const refused = new Set([...plan.refused.map(({ name }) => name), ...plan.waiting]);
    const agreed = expansion.applications.filter(({ name }) => !refused.has(name) && existing.has(name));
    memory.remember(
      place,
      agreed.map((generated) => ({ generated, stored: existing.get(generated.name)! })),
    );
    return { plan, reasons, warnings };
  }

  /** The finalizer makes the set's own deletion come here first; released names are used once. */
  async #keepSet(tx: ResourceTransaction, set: StoredSet): Promise<StoredSet> {
    const finalizers = [...new Set([...(set.metadata.finalizers ?? []), SET_FINALIZER])];
    const next = withReleased({ ...set, metadata: { ...set.metadata, finalizers } }, []);
    return jsonEqual(next.metadata, set.metadata) ? set : tx.update<StoredSet>(next);
  }

  async #writeStatus(tx: ResourceTransaction, set: StoredSet, outcome: SettledOutcome, applications: number | undefined): Promise<void> {
    const status = statusOf(set, outcome, applications, this.#ports.clock.now());
    if (!jsonEqual(status, set.status)) await tx.updateStatus<StoredSet>({ ...set, status });
  }
}

const identityOf = ({ metadata, status }: StoredSet): unknown => [metadata.uid, metadata.generation, metadata.deletionTimestamp, status];

/** Every application the set stands for is written, and no other is left. */
function isComplete({ refused, hold, pending, waiting }: ApplicationPlan, { held }: Expanded): boolean {
  return [refused, hold, pending, waiting, held].every(({ length }) => length === 0);
}

type Expanded = Extract<ExpansionAnswer, { expansion: unknown }>['expansion'];

/** Why the first of the held applications left the set. */
async function reasonsOf(
  { hold }: ApplicationPlan,
  set: StoredSet,
  inputs: SetInputDocuments,
  expansion: Expanded,
  existing: ReadonlyMap<string, ResourceDocument>,
): Promise<DeletionReason[]> {
  if (hold.length === 0) return [];
  const commits = inputs.commits;
  const explain = deletionExplainer({
    set,
    expansion,
    clusters: await inputs.ports.clusters(),
    commitOf: (repoURL, revision) => commits.get(`${repoURL} ${revision === '' ? DEFAULT_REVISION : revision}`),
  });
  return hold.slice(0, MAX_HELD_REASONS).map((name) => explain(existing.get(name)!));
}

async function haveClustersMoved(tx: ResourceTransaction, inputs: SetInputDocuments): Promise<boolean> {
  const now = clusterEntries(await listAll(tx, 'Cluster'));
  return !jsonEqual(now, await inputs.ports.clusters());
}
