import { admit } from '@flotilla/admission';
import {
  ARGO_GROUP,
  CONTROL_NAMESPACE,
  IN_USE_FINALIZER,
  isProtected,
  KINDS,
  type KindDefinition,
  PROTECTED_LABEL,
  type ResourceDocument,
  type Secret,
} from '@flotilla/contracts';
import type { Keyring } from '@flotilla/keyring';
import {
  forbidden,
  type GroupResource,
  invalid,
  type KubeObject,
  KubeStorage,
  type RequestUser,
  type StorageEvent,
  type StorageListOptions,
} from '@flotilla/kubeapi';
import type { ResourceKey, ResourceStore, ResourceTransaction } from '@flotilla/resources';
import { admissionInputs } from './admission-inputs.js';
import { asCause } from './document-strategy.js';
import { maskSecret, sealSecretData } from './secret-sealing.js';

const byResource = new Map(KINDS.map((definition) => [`${definition.group}/${definition.plural}`, definition]));

/**
 * The resource store as the storage of the Kubernetes API machinery. Values of Secrets are sealed on the way in and
 * masked on the way out, so that no patch can copy one to where it would be read.
 */
export class StoreStorage extends KubeStorage {
  readonly #store: ResourceStore;
  readonly #keyring: Keyring;

  constructor(store: ResourceStore, keyring: Keyring) {
    super();
    this.#store = store;
    this.#keyring = keyring;
  }

  async get(resource: GroupResource, namespace: string, name: string): Promise<KubeObject | undefined> {
    const document = await this.#store.get(keyOf(resource, namespace, name));
    return document && shown(document);
  }

  async list(resource: GroupResource, options: StorageListOptions) {
    const { items, ...page } = await this.#store.list(definitionOf(resource).kind, options);
    return { items: items.map(shown), ...page };
  }

  async *watch(
    resource: GroupResource,
    options: Omit<StorageListOptions, 'limit' | 'continue' | 'asOf'> & { resourceVersion: string; signal: AbortSignal },
  ): AsyncIterable<StorageEvent> {
    for await (const { type, document, resourceVersion } of this.#store.watch(definitionOf(resource).kind, options)) {
      yield { type, object: shown(document), resourceVersion };
    }
  }

  currentResourceVersion(resource: GroupResource): Promise<string> {
    return this.#store.currentResourceVersion(definitionOf(resource).kind);
  }

  create(_resource: GroupResource, object: KubeObject, user: RequestUser): Promise<KubeObject> {
    return this.#write(user, async (tx) => {
      await refuseByOthers(tx, object, undefined);
      return tx.create(guarded(this.#sealed(object, undefined)));
    });
  }

  update(resource: GroupResource, object: KubeObject, user: RequestUser, subresource?: 'status' | 'scale'): Promise<KubeObject> {
    return this.#write(user, async (tx) => {
      if (subresource === 'status') return tx.updateStatus(object as ResourceDocument);
      const stored = await tx.getForUpdate(keyOf(resource, object.metadata.namespace ?? '', object.metadata.name));
      await refuseByOthers(tx, object, stored);
      const document = this.#sealed(object, stored);
      return tx.update(stored?.metadata.deletionTimestamp ? document : guarded(document));
    });
  }

  async delete(
    resource: GroupResource,
    namespace: string,
    name: string,
    options: { uid?: string; resourceVersion?: string; propagation?: 'Background' | 'Foreground' | 'Orphan' },
    user: RequestUser,
  ): Promise<{ object: KubeObject; removed: boolean } | undefined> {
    const { uid, resourceVersion, propagation } = options;
    const key = keyOf(resource, namespace, name);
    return this.#store.transaction({ actor: user.name }, async (tx) => {
      if (key.kind === 'Application') refuseProtected(await tx.getForUpdate(key));
      // Foreground would need a controller that waits; dependents are deleted after the owner either way.
      const deleted = await tx.delete(key, { uid, resourceVersion, propagation: propagation === 'Orphan' ? 'orphan' : 'background' });
      return deleted && { object: shown(deleted), removed: (await tx.get(key)) === undefined };
    });
  }

  #sealed(object: KubeObject, stored: ResourceDocument | undefined): ResourceDocument {
    const document = object as ResourceDocument;
    return document.kind === 'Secret' ? sealSecretData(document as Secret, stored as Secret | undefined, this.#keyring) : document;
  }

  #write(user: RequestUser, work: (tx: ResourceTransaction) => Promise<ResourceDocument>): Promise<KubeObject> {
    return this.#store.transaction({ actor: user.name }, async (tx) => shown(await work(tx)));
  }
}

/** What a document is by the documents it refers to may have changed since it was first judged; their rows are held until commit. */
async function refuseByOthers(tx: ResourceTransaction, object: KubeObject, stored: ResourceDocument | undefined): Promise<void> {
  const reader = { get: (key: ResourceKey) => tx.getForUpdate(key), list: tx.list.bind(tx) };
  const inputs = await admissionInputs(reader, object, stored as KubeObject | undefined);
  if (!inputs.project) return;
  const { errors } = admit(object, { ...inputs, previous: stored });
  if (errors.length === 0) return;
  const [group = ''] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : [];
  throw invalid({ group, kind: object.kind }, object.metadata.name, errors.map(asCause));
}

/** Its owner would add the finalizer a moment later, as one more writer in the way of whoever created the document. */
function guarded(document: ResourceDocument): ResourceDocument {
  const { kind, metadata } = document;
  const isGuarded = kind === 'Cluster' || (kind === 'AppProject' && metadata.namespace === CONTROL_NAMESPACE);
  if (!isGuarded || metadata.finalizers?.includes(IN_USE_FINALIZER)) return document;
  return { ...document, metadata: { ...metadata, finalizers: [...(metadata.finalizers ?? []), IN_USE_FINALIZER] } };
}

/** What its set would not delete unasked, nobody does: taking the label off is the confirmation. */
function refuseProtected(document: ResourceDocument | undefined): void {
  if (!document || document.metadata.deletionTimestamp || !isProtected(document.metadata.labels)) return;
  const { name } = document.metadata;
  const remedy = `take the label off first: kubectl -n ${document.metadata.namespace} label application ${name} ${PROTECTED_LABEL}-`;
  throw forbidden({ group: ARGO_GROUP, plural: 'applications' }, name, `label ${PROTECTED_LABEL} protects it; ${remedy}`);
}

function shown(document: ResourceDocument): KubeObject {
  return (document.kind === 'Secret' ? maskSecret(document as Secret) : document) as KubeObject;
}

function definitionOf({ group, resource }: GroupResource): KindDefinition {
  const definition = byResource.get(`${group}/${resource}`);
  if (!definition) throw new RangeError(`the hub stores no ${resource}.${group}`);
  return definition;
}

function keyOf(resource: GroupResource, namespace: string, name: string): ResourceKey {
  return { kind: definitionOf(resource).kind, namespace, name };
}
