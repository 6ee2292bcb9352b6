import { KINDS, type KindDefinition, type ResourceDocument } from '@flotilla/contracts';
import {
  type GroupResource,
  type KubeObject,
  KubeStorage,
  type RequestUser,
  type StorageEvent,
  type StorageListOptions,
} from '@flotilla/kubeapi';
import type { ResourceKey, ResourceStore, ResourceTransaction } from '@flotilla/resources';

const byResource = new Map(KINDS.map((definition) => [`${definition.group}/${definition.plural}`, definition]));

/** The resource store as the storage of the Kubernetes API machinery. */
export class StoreStorage extends KubeStorage {
  readonly #store: ResourceStore;

  constructor(store: ResourceStore) {
    super();
    this.#store = store;
  }

  async get(resource: GroupResource, namespace: string, name: string): Promise<KubeObject | undefined> {
    return asObject(await this.#store.get(keyOf(resource, namespace, name)));
  }

  async list(resource: GroupResource, options: StorageListOptions) {
    const { items, ...page } = await this.#store.list(definitionOf(resource).kind, options);
    return { items: items as KubeObject[], ...page };
  }

  async *watch(
    resource: GroupResource,
    options: Omit<StorageListOptions, 'limit' | 'continue' | 'asOf'> & { resourceVersion: string; signal: AbortSignal },
  ): AsyncIterable<StorageEvent> {
    for await (const { type, document, resourceVersion } of this.#store.watch(definitionOf(resource).kind, options)) {
      yield { type, object: document as KubeObject, resourceVersion };
    }
  }

  async currentResourceVersion(resource: GroupResource): Promise<string> {
    // A page of one object carries the rv of the kind's clock.
    return (await this.#store.list(definitionOf(resource).kind, { limit: 1 })).resourceVersion;
  }

  create(_resource: GroupResource, object: KubeObject, user: RequestUser): Promise<KubeObject> {
    return this.#write(user, (tx) => tx.create(object as ResourceDocument));
  }

  update(_resource: GroupResource, object: KubeObject, user: RequestUser, subresource?: 'status' | 'scale'): Promise<KubeObject> {
    const document = object as ResourceDocument;
    return this.#write(user, (tx) => (subresource === 'status' ? tx.updateStatus(document) : tx.update(document)));
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
      // Foreground would need a controller that waits; dependents are deleted after the owner either way.
      const deleted = await tx.delete(key, { uid, resourceVersion, propagation: propagation === 'Orphan' ? 'orphan' : 'background' });
      return deleted && { object: deleted as KubeObject, removed: (await tx.get(key)) === undefined };
    });
  }

  #write(user: RequestUser, work: (tx: ResourceTransaction) => Promise<ResourceDocument>): Promise<KubeObject> {
    return this.#store.transaction({ actor: user.name }, async (tx) => (await work(tx)) as KubeObject);
  }
}

function definitionOf({ group, resource }: GroupResource): KindDefinition {
  const definition = byResource.get(`${group}/${resource}`);
  if (!definition) throw new RangeError(`the hub stores no ${resource}.${group}`);
  return definition;
}

function keyOf(resource: GroupResource, namespace: string, name: string): ResourceKey {
  return { kind: definitionOf(resource).kind, namespace, name };
}

function asObject(document: ResourceDocument | undefined): KubeObject | undefined {
  return document as KubeObject | undefined;
}
