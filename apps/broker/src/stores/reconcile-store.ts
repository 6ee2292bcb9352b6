import type { ResourceDocument, SecretStoreDocument } from '@flotilla/contracts';
import { type Clock, jsonEqual, UnavailableError } from '@flotilla/kernel';
import { again, done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore } from '@flotilla/resources';
import { SecretFault } from '../secret-fault.errors.js';
import type { OpenStores } from './open-stores.js';

const CHECK_MS = 5 * 60_000;
const CHECK_TIMEOUT_MS = 15_000;

type Stored = SecretStoreDocument & ResourceDocument;

/** Says on a store whether it can be read: its spec, its credentials, and what its provider says to them. */
export class ReconcileStore {
  readonly #store: ResourceStore;
  readonly #stores: OpenStores;
  readonly #clock: Clock;

  constructor(store: ResourceStore, stores: OpenStores, clock: Clock) {
    this.#store = store;
    this.#stores = stores;
    this.#clock = clock;
  }

  async run(key: ResourceKey, signal: AbortSignal): Promise<Outcome> {
    const store = await this.#store.get<Stored>(key);
    if (!store || store.metadata.deletionTimestamp) return done;
    const fault = await this.#check(store, AbortSignal.any([signal, AbortSignal.timeout(CHECK_TIMEOUT_MS)]));
    await this.#tell(key, store, fault);
    return again(CHECK_MS);
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
