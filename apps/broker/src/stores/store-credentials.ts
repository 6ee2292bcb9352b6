import {
  type CaProvider,
  type ConfigMap,
  type ResourceDocument,
  SECRET_TYPE_LABEL,
  type Secret,
  type SecretStoreDocument,
} from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import type { ResourceStore } from '@flotilla/resources';
import type { SecretRef } from '../providers/secret.provider.js';
import { SecretFault } from '../secret-fault.errors.js';
import { nameOfStore } from './store-name.js';

const MAX_REFS = 50;
const MAX_DEPTH = 10;

export interface CredentialPlace {
  kind: 'Secret' | 'ConfigMap';
  namespace: string;
  name: string;
}

/** Secrets and ConfigMaps that a store refers to, wherever in `spec.provider`: what its readers depend on besides the store itself. */
export function credentialsOf(store: SecretStoreDocument): CredentialPlace[] {
  const found = new Map<string, CredentialPlace>();
  const visit = (value: unknown, depth: number): void => {
    if (depth > MAX_DEPTH || found.size >= MAX_REFS) return;
    if (Array.isArray(value)) for (const item of value) visit(item, depth + 1);
    if (!isObject(value)) return;
    for (const [key, member] of Object.entries(value)) {
      if (/(ref|^caProvider)$/i.test(key) && isObject(member) && typeof member.name === 'string') {
        const namespace = store.metadata.namespace ?? (typeof member.namespace === 'string' ? member.namespace : '');
        const kind = member.type === 'ConfigMap' ? 'ConfigMap' : 'Secret';
        found.set(`${kind} ${namespace}/${member.name}`, { kind, namespace, name: member.name });
      } else visit(member, depth + 1);
    }
  };
  visit(store.spec.provider, 0);
  return [...found.values()];
}

/** Reads the Secrets and ConfigMaps of a store: of its own namespace, or of the one that a ClusterSecretStore's reference names. */
export class StoreCredentials {
  readonly #reader: Pick<ResourceStore, 'get'>;
  readonly #keyring: Keyring;
  readonly #store: SecretStoreDocument;

  constructor(reader: Pick<ResourceStore, 'get'>, keyring: Keyring, store: SecretStoreDocument) {
    this.#reader = reader;
    this.#keyring = keyring;
    this.#store = store;
  }

  /** @throws SecretFault */
  async value(ref: SecretRef, field: string): Promise<string> {
    const { key } = ref;
    if (!key) throw this.#fault(`${field}.key is required`);
    const { secret, namespace } = await this.#secret(ref, field);
    const sealed = secret.data?.[key];
    if (sealed === undefined) throw this.#fault(`${field}: Secret ${namespace}/${ref.name} has no key ${key}`);
    return this.#open(sealed, namespace, ref.name, key);
  }

  /** @throws SecretFault */
  async all(ref: SecretRef, field: string): Promise<Record<string, string>> {
    const { secret, namespace } = await this.#secret(ref, field);
    return Object.fromEntries(
      Object.entries(secret.data ?? {}).map(([key, sealed]) => [key, this.#open(sealed, namespace, ref.name, key)]),
    );
  }

  /** @throws SecretFault */
  async ca({ type, ...ref }: CaProvider, field: string): Promise<{ text: string; place: string }> {
    const { name, key } = ref;
    const namespace = this.#namespaceOf(ref, field);
    const place = `${type} ${namespace}/${name}, key ${key}`;
    if (type === 'Secret') return { text: await this.value(ref, field), place };
    const map = (await this.#reader.get<ResourceDocument>({ kind: 'ConfigMap', namespace, name })) as ConfigMap | undefined;
    if (!map) throw this.#fault(`${field}: ConfigMap ${namespace}/${name} does not exist on the hub; its key ${key} is needed`);
    const text = map.data?.[key];
    if (text === undefined) throw this.#fault(`${field}: ConfigMap ${namespace}/${name} has no key ${key}`);
    return { text, place };
  }

  #namespaceOf({ namespace: asked }: Pick<SecretRef, 'namespace'>, field: string): string {
    const own = this.#store.metadata.namespace;
    if (own !== undefined && asked !== undefined && asked !== own)
      throw this.#fault(`${field}.namespace: a SecretStore reads Secrets and ConfigMaps of its own namespace only`);
    const namespace = own ?? asked;
    if (!namespace) throw this.#fault(`${field}.namespace is required in a ClusterSecretStore`);
    return namespace;
  }

  async #secret(ref: SecretRef, field: string): Promise<{ secret: Secret; namespace: string }> {
    const { name, key } = ref;
    const namespace = this.#namespaceOf(ref, field);
    const secret = (await this.#reader.get<ResourceDocument>({ kind: 'Secret', namespace, name })) as Secret | undefined;
    if (!secret)
      throw this.#fault(`${field}: Secret ${namespace}/${name} does not exist on the hub${key ? `; its key ${key} is needed` : ''}`);
    const use = secret.metadata.labels?.[SECRET_TYPE_LABEL];
    if (use !== undefined) throw this.#fault(`${field}: Secret ${namespace}/${name} is a ${use} Secret and no credential of a store`);
    return { secret, namespace };
  }

  /** A line end at the end of a file is part of no token. */
  #open(sealed: string, namespace: string, name: string, key: string): string {
    return Buffer.from(this.#keyring.open(sealed, { kind: 'Secret', namespace, name, key }))
      .toString()
      .trim();
  }

  #fault(why: string): SecretFault {
    return new SecretFault('CredentialMissing', `${nameOfStore(this.#store)}: ${why}`);
  }
}
