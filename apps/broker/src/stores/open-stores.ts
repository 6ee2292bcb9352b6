import type { SecretStoreDocument } from '@flotilla/contracts';
import type { AddressPolicy } from '@flotilla/http';
import { HttpClient } from '@flotilla/http';
import { type Clock, digestJson } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import type { ResourceStore } from '@flotilla/resources';
import { LRUCache } from 'lru-cache';
import { openProvider } from '../providers/providers.js';
import type { SecretReader } from '../providers/secret.provider.js';
import { SecretFault } from '../secret-fault.errors.js';
import { type CredentialPlace, credentialsOf, StoreCredentials } from './store-credentials.js';
import { nameOfStore } from './store-name.js';

/** Opened stores that are kept, with their logins. */
const MAX_OPEN = 1_000;

export interface OpenStoresParts {
  store: ResourceStore;
  keyring: Keyring;
  clock: Clock;
  addresses: AddressPolicy;
  /** Of the `file` provider. */
  directory: string | undefined;
}

export interface OpenedStore {
  name: string;
  reader: SecretReader;
  /** Changes with the store's spec and with every Secret and ConfigMap it refers to. */
  fingerprint: string;
}

/** Stores as readers: opened anew when the store or one of its credentials changed, so that a login never outlives either. */
export class OpenStores {
  readonly #parts: OpenStoresParts;
  readonly #open = new LRUCache<string, SecretReader>({ max: MAX_OPEN });

  constructor(parts: OpenStoresParts) {
    this.#parts = parts;
  }

  /** @param namespace '' for a ClusterSecretStore; @throws SecretFault */
  async find(kind: string, namespace: string, name: string): Promise<SecretStoreDocument> {
    const found = (await this.#parts.store.get({ kind, namespace, name })) as SecretStoreDocument | undefined;
    if (found) return found;
    const where = namespace === '' ? ' on the hub' : ` in namespace ${namespace} of the hub`;
    throw new SecretFault('StoreNotFound', `${kind}/${name} does not exist${where}`);
  }

  /** @throws SecretFault */
  async open(store: SecretStoreDocument): Promise<OpenedStore> {
    const versions = await Promise.all(credentialsOf(store).map((place) => this.#versionOf(place)));
    const { uid = '', generation = 0 } = store.metadata;
    const fingerprint = digestJson({ uid, generation, versions });
    const reader = this.#open.get(fingerprint) ?? this.#reader(store);
    this.#open.set(fingerprint, reader);
    return { name: nameOfStore(store), reader, fingerprint };
  }

  async #versionOf(place: CredentialPlace): Promise<string> {
    const found = await this.#parts.store.get({ ...place });
    return found ? `${found.metadata.uid} ${found.metadata.resourceVersion}` : 'none';
  }

  #reader(store: SecretStoreDocument): SecretReader {
    const { keyring, clock, addresses, directory } = this.#parts;
    const credentials = new StoreCredentials(this.#parts.store, keyring, store);
    return openProvider(store.spec.provider, {
      store: nameOfStore(store),
      namespace: store.metadata.namespace,
      clock,
      http: (ca) => new HttpClient({ addresses, ...(ca === undefined ? {} : { ca }) }),
      secret: (ref, field) => credentials.value(ref, field),
      secrets: (ref, field) => credentials.all(ref, field),
      ca: (of, field) => credentials.ca(of, field),
      directory,
    });
  }
}
