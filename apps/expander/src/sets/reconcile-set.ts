import type { BlobStore } from '@flotilla/blobs';
import { setInputs } from '@flotilla/generators';
import { type Clock, jsonEqual } from '@flotilla/kernel';
import type { MessageBus } from '@flotilla/messaging';
import { again, done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore, ResourceTransaction, WriteContext } from '@flotilla/resources';
import { type ApplicationPlan, planApplications } from '@flotilla/setplan';
import { clusterEntries } from '../inputs/cluster-inputs.js';
import type { HostsOf } from '../inputs/host-inputs.js';
import { listAll } from '../inputs/list-documents.js';
import { readInputs, type SetInputDocuments } from '../inputs/read-inputs.js';
import { type ExpansionAnswer, expandSafely } from './expand-safely.js';
import { refuseApplication } from './refuse-application.js';
import { releasedDeletions, withReleased } from './released-deletions.js';
import { removeSet, SET_FINALIZER } from './remove-set.js';
import { setConditions } from './set-conditions.js';
import { type SetMemory, setKey } from './set-memory.js';
import type { StoredSet } from './stored-set.js';

export interface ReconcileSetPorts {
  store: ResourceStore;
  bus: MessageBus;
  blobs: BlobStore;
  hosts: HostsOf;
  clock: Clock;
  memory: SetMemory;
}

/** As Argo CD requeues a set whose parameters could not be generated. */
const RETRY_ERROR_MS = 180_000;
/** An input that passes is worth asking for sooner. */
const RETRY_INPUT_MS = 15_000;
/** A generated name that is still being deleted. */
const RETRY_WAITING_MS = 2_000;

/**
 * Brings the applications of one set to what its generators say: expand outside, then in one transaction under the set's row
 * compare with what is stored, ask the guard, write, and say so in the set's status. Without a complete expansion only the
 * status is written.
 */
export class ReconcileSet {
  readonly #ports: ReconcileSetPorts;

  constructor(ports: ReconcileSetPorts) {
    this.#ports = ports;
  }

  async run(key: ResourceKey, traceparent?: string): Promise<Outcome> {
    const { store, memory } = this.#ports;
    const set = await store.get<StoredSet>(key);
    if (!set) {
      memory.forget(setKey(key.namespace, key.name));
      return done;
    }
    const context: WriteContext = { actor: 'service:expander', ...(traceparent ? { traceparent } : {}) };
    if (set.metadata.deletionTimestamp) return store.transaction(context, (tx) => removeSet(tx, key, this.#ports.clock.now()));
    const inputs = await readInputs(set, this.#ports);
    const answer = await expandSafely(set, inputs);
    return store.transaction(context, (tx) => this.#settle(tx, key, set, inputs, answer));
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
      await this.#writeStatus(
        tx,
        set,
        { failure: answer.failure, refused: [], warnings: [], hold: set.status?.heldDeletions ?? [] },
        set.status?.applications,
      );
      return again(answer.failure.isLasting ? RETRY_ERROR_MS : RETRY_INPUT_MS);
    }
    // Another copy may have expanded a newer inventory while this one waited for the row.
    if (await haveClustersMoved(tx, inputs)) return again(0);
    const plan = await this.#carryOut(tx, set, inputs, answer.expansion);
    const outcome = { refused: plan.refused, warnings: answer.expansion.warnings, hold: plan.hold };
    const kept = await this.#keepSet(tx, set);
    await this.#writeStatus(tx, kept, outcome, plan.count);
    if (plan.waiting.length > 0) return again(RETRY_WAITING_MS);
    const { requeueMs } = setInputs(set.spec);
    return requeueMs === undefined ? done : again(requeueMs);
  }

  async #carryOut(
    tx: ResourceTransaction,
    set: StoredSet,
    inputs: SetInputDocuments,
    expansion: Extract<ExpansionAnswer, { expansion: unknown }>['expansion'],
  ): Promise<ApplicationPlan> {
    const namespace = set.metadata.namespace ?? '';
    const place = setKey(namespace, set.metadata.name);
    const { memory } = this.#ports;
    const existing = new Map((await listAll(tx, 'Application', { namespace })).map((document) => [document.metadata.name, document]));
    const plan = planApplications({
      set,
      expansion,
      existing,
      released: releasedDeletions(set),
      refuse: (document, previous) => refuseApplication(document, previous, inputs),
      isKnownEqual: (generated, stored) => memory.isKnownEqual(place, generated, stored),
    });
    for (const document of plan.create) existing.set(document.metadata.name, await tx.create(document));
    for (const document of plan.update) existing.set(document.metadata.name, await tx.update(document));
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
    return plan;
  }

  /** The finalizer makes the set's own deletion come here first; released names are used once. */
  async #keepSet(tx: ResourceTransaction, set: StoredSet): Promise<StoredSet> {
    const finalizers = [...new Set([...(set.metadata.finalizers ?? []), SET_FINALIZER])];
    const next = withReleased({ ...set, metadata: { ...set.metadata, finalizers } }, []);
    return jsonEqual(next.metadata, set.metadata) ? set : tx.update<StoredSet>(next);
  }

  async #writeStatus(
    tx: ResourceTransaction,
    set: StoredSet,
    outcome: Omit<Parameters<typeof setConditions>[0], 'setName'>,
    applications: number | undefined,
  ): Promise<void> {
    const before = (set.status?.conditions ?? []) as Parameters<typeof setConditions>[1];
    const conditions = setConditions({ ...outcome, setName: set.metadata.name }, before, this.#ports.clock.now());
    const { heldDeletions: _, ...rest } = set.status ?? {};
    const held = outcome.hold.length > 0 ? { heldDeletions: [...outcome.hold] } : {};
    const status = { ...rest, conditions, ...(applications === undefined ? {} : { applications }), ...held };
    if (!jsonEqual(status, set.status)) await tx.updateStatus<StoredSet>({ ...set, status });
  }
}

async function haveClustersMoved(tx: ResourceTransaction, inputs: SetInputDocuments): Promise<boolean> {
  const now = clusterEntries(await listAll(tx, 'Cluster'));
  return !jsonEqual(now, await inputs.ports.clusters());
}
