import type { BlobStore } from '@flotilla/blobs';
import { parseObjectBlob } from '@flotilla/bundle';
import type { SecretGrant, SecretStoreDocument } from '@flotilla/contracts';
import { type Digest, isDigest, isObject } from '@flotilla/kernel';
import { type KubeObject, textAt } from '@flotilla/kube';
import type { ResourceStore } from '@flotilla/resources';
import { grantLabels, type LabelSources } from './grant-labels.js';
import type { SecretStore, SourceKey } from './secret.store.js';

/** Reads what a SecretGrant's labels are made of. */
export class ReadGrantLabels {
  readonly #store: ResourceStore;
  readonly #secrets: SecretStore;
  readonly #blobs: BlobStore;

  constructor(store: ResourceStore, secrets: SecretStore, blobs: BlobStore) {
    this.#store = store;
    this.#secrets = secrets;
    this.#blobs = blobs;
  }

  /** Undefined while the object that asks, or who asks for it, is not known: the labels stay what they are. */
  async of(key: SourceKey, { project, from }: SecretGrant['spec']): Promise<Record<string, string> | undefined> {
    const askers = await this.#secrets.askers(key);
    const [blob] = askers && isDigest(from.digest) ? await this.#blobs.get([from.digest as Digest]) : [];
    if (!askers || !blob) return undefined;
    const object = parseObjectBlob(new TextDecoder().decode(blob.bytes), from.digest);
    const taken = isObject(object.metadata.labels) ? object.metadata.labels : {};
    const store = from.kind === 'ExternalSecret' ? await this.#storeOf(object, key.namespace) : undefined;
    return grantLabels({ project, askers, taken, ...(store ? { store } : {}) });
  }

  /** A store that does not exist is named all the same: the object asks for it. */
  async #storeOf(object: KubeObject, namespace: string): Promise<LabelSources['store']> {
    const name = textAt(object, 'spec', 'secretStoreRef', 'name');
    if (!name) return undefined;
    const kind = textAt(object, 'spec', 'secretStoreRef', 'kind') || 'SecretStore';
    if (kind !== 'SecretStore' && kind !== 'ClusterSecretStore') return { kind, name };
    const document = await this.#store.get<SecretStoreDocument>({ kind, namespace: kind === 'SecretStore' ? namespace : '', name });
    const [provider] = Object.keys(document?.spec.provider ?? {});
    return { kind, name, ...(provider ? { provider } : {}) };
  }
}
