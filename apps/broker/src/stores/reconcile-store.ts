import type { ResourceDocument, SecretStoreDocument } from '@flotilla/contracts';
import { type Clock, jsonEqual, UnavailableError } from '@flotilla/kernel';
import { again, done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore } from '@flotilla/resources';
import { SecretFault } from '../secret-fault.errors.js';
import type { OpenStores } from './open-stores.js';
import { type CredentialPlace, credentialsOf } from './store-credentials.js';

const CHECK_MS = 5 * 60_000;
const CHECK_TIMEOUT_MS = 15_000;

type Stored = SecretStoreDocument & ResourceDocument;

/** Says on a store whether it can be read: its spec, its credentials, and what its provider says to them. */
export class ReconcileStore {
  readonly #store: ResourceStore;
  readonly #stores: OpenStores;
  readonly #clock: Clock;
  /** Stores with what they refer to. In memory, as every store is looked at after a start. */
  readonly #known = new Map<string, { key: ResourceKey; credentials: CredentialPlace[] }>();

  constructor(store: ResourceStore, stores: OpenStores, clock: Clock) {
    this.#store = store;
    this.#stores = stores;
    this.#clock = clock;
  }

  async run(key: ResourceKey, signal: AbortSignal): Promise<Outcome> {
    const store = await this.#store.get<Stored>(key);
    const id = `${key.kind} ${key.namespace}/${key.name}`;
    if (!store || store.metadata.deletionTimestamp) {
      this.#known.delete(id);
      return done;
    }
    this.#known.set(id, { key, credentials: credentialsOf(store) });
    const fault = await this.#check(store, AbortSignal.any([signal, AbortSignal.timeout(CHECK_TIMEOUT_MS)]));
    await this.#tell(key, store, fault);
    return again(CHECK_MS);
  }

  /** Looks again at the stores that refer to a Secret or ConfigMap. */
  async credential({ kind, namespace, name }: ResourceKey, signal: AbortSignal): Promise<void> {
    const isMeant = (place: CredentialPlace): boolean => place.kind === kind && place.namespace === namespace && place.name === name;
    const stores = [...this.#known.values()].filter(({ credentials }) => credentials.some(isMeant));
    for (const { key } of stores) await this.run(key, signal);
  }

  async #check(store: SecretStoreDocument, signal: AbortSignal): Promise<SecretFault | undefined> {
    try {
      const { reader } = await this.#stores.open(store);
      await reader.check(signal);
      return undefined;
    } catch (error) {
      if (error instanceof SecretFault) return error;
      throw new UnavailableError(`${store.kind}/${store.metadata.name} cannot be checked: ${(error as Error)?.name}`);
    }
  }

  async #tell(key: ResourceKey, { metadata: { uid } }: Stored, fault: SecretFault | undefined): Promise<void> {
    await this.#store.transaction({ actor: 'service:broker' }, async (tx) => {
      const current = await tx.getForUpdate<Stored>(key);
      if (current?.metadata.uid !== uid) return;
      const state = fault ? ('False' as const) : ('True' as const);
      const before = current!.status?.conditions?.find(({ type, status }) => type === 'Ready' && status === state);
      const ready = {
        type: 'Ready',
        status: state,
        reason: fault?.reason ?? 'Valid',
        message: fault?.message ?? 'the provider takes the credentials',
        lastTransitionTime: before?.lastTransitionTime ?? new Date(this.#clock.now()).toISOString(),
      };
      const status = { ...current!.status, capabilities: 'ReadOnly', conditions: [ready] };
      if (!jsonEqual(current!.status, status)) await tx.updateStatus({ ...current!, status });
    });
  }
}
