import type { ApiRegistry, GroupResource, KubeObject, RequestUser } from '@flotilla/kubeapi';
import type { ObservedStorage } from '../cluster/observed-storage.js';

const USER: RequestUser = { name: 'system:kube-controller-manager', groups: ['system:masters'] };
const NAMESPACES: GroupResource = { group: '', resource: 'namespaces' };
const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

interface Place {
  resource: GroupResource;
  namespace: string;
  name: string;
}

/** Owner garbage collection, foreground and orphan deletion, and the emptying of namespaces. */
export class DeletionController {
  readonly #storage: ObservedStorage;
  readonly #registry: ApiRegistry;
  /** Owner uid -> its dependents. */
  readonly #dependents = new Map<string, Map<string, Place>>();
  readonly #terminating = new Set<string>();
  readonly #onError: (error: unknown) => void;

  constructor(storage: ObservedStorage, registry: ApiRegistry, onError: (error: unknown) => void) {
    this.#storage = storage;
    this.#registry = registry;
    this.#onError = onError;
    storage.observe((resource, object, removed) => this.#observe(resource, object, removed));
  }

  #observe(resource: GroupResource, object: KubeObject, removed: boolean): void {
    const place = { resource, namespace: object.metadata.namespace ?? '', name: object.metadata.name };
    for (const { uid } of object.metadata.ownerReferences ?? []) this.#index(uid, place, removed);
    const { uid = '', deletionTimestamp, finalizers = [] } = object.metadata;
    const steps: Promise<void>[] = [];
    if (removed) steps.push(this.#collect(uid), this.#retryOwners(object));
    else if (deletionTimestamp && finalizers.includes(FOREGROUND)) steps.push(this.#deleteForeground(place, uid));
    else if (deletionTimestamp && finalizers.includes(ORPHAN)) steps.push(this.#orphan(place, uid));
    if (isNamespace(resource) && deletionTimestamp && !removed) {
      this.#terminating.add(place.name);
      steps.push(this.#empty(place.name));
    } else if (removed && this.#terminating.has(place.namespace)) steps.push(this.#finishNamespace(place.namespace));
    Promise.all(steps).catch(this.#onError);
  }

  #index(owner: string, place: Place, removed: boolean): void {
    const dependents = this.#dependents.get(owner) ?? new Map<string, Place>();
    if (removed) dependents.delete(keyOf(place));
    else dependents.set(keyOf(place), place);
    if (dependents.size > 0) this.#dependents.set(owner, dependents);
    else this.#dependents.delete(owner);
  }

  /** Deletes dependents none of whose owners is left. */
  async #collect(owner: string): Promise<void> {
    for (const place of [...(this.#dependents.get(owner)?.values() ?? [])]) {
      const dependent = await this.#get(place);
      if (dependent && !(await this.#hasLivingOwner(dependent))) await this.#delete(place);
    }
  }

  async #hasLivingOwner(object: KubeObject): Promise<boolean> {
    for (const { apiVersion, kind, name, uid } of object.metadata.ownerReferences ?? []) {
      const owner = this.#registry.findKind(apiVersion, kind);
      const namespace = owner?.namespaced ? (object.metadata.namespace ?? '') : '';
      const found = owner && (await this.#storage.get({ group: owner.group, resource: owner.plural }, namespace, name));
      if (found?.metadata.uid === uid) return true;
    }
    return false;
  }

  /** An owner that waits for its dependents goes with the last of them. */
  async #retryOwners(object: KubeObject): Promise<void> {
    for (const { apiVersion, kind, name } of object.metadata.ownerReferences ?? []) {
      const owner = this.#registry.findKind(apiVersion, kind);
      if (!owner) continue;
      const place = {
        resource: { group: owner.group, resource: owner.plural },
        namespace: owner.namespaced ? (object.metadata.namespace ?? '') : '',
        name,
      };
      const found = await this.#get(place);
      if (found?.metadata.deletionTimestamp && found.metadata.finalizers?.includes(FOREGROUND))
        await this.#deleteForeground(place, found.metadata.uid ?? '');
    }
  }

  async #deleteForeground(place: Place, uid: string): Promise<void> {
    const dependents = [...(this.#dependents.get(uid)?.values() ?? [])];
    for (const dependent of dependents) await this.#delete(dependent);
    if (!this.#dependents.has(uid)) await this.#dropFinalizer(place, FOREGROUND);
  }

  async #orphan(place: Place, uid: string): Promise<void> {
    for (const dependent of [...(this.#dependents.get(uid)?.values() ?? [])]) {
      const object = await this.#get(dependent);
      if (!object) continue;
      const ownerReferences = (object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid);
      this.#index(uid, dependent, true);
      await this.#storage.update(dependent.resource, { ...object, metadata: { ...object.metadata, ownerReferences } }, USER);
    }
    await this.#dropFinalizer(place, ORPHAN);
  }

  async #dropFinalizer(place: Place, finalizer: string): Promise<void> {
    const object = await this.#get(place);
    if (!object?.metadata.finalizers?.includes(finalizer)) return;
    const finalizers = object.metadata.finalizers.filter((name) => name !== finalizer);
    await this.#storage.update(place.resource, { ...object, metadata: { ...object.metadata, finalizers } }, USER);
  }

  async #empty(namespace: string): Promise<void> {
    for (const resource of this.#namespacedResources()) {
      const { items } = await this.#storage.list(resource, { namespace });
      for (const { metadata } of items) await this.#delete({ resource, namespace, name: metadata.name });
    }
    await this.#finishNamespace(namespace);
  }

  async #finishNamespace(namespace: string): Promise<void> {
    for (const resource of this.#namespacedResources()) {
      if ((await this.#storage.list(resource, { namespace, limit: 1 })).items.length > 0) return;
    }
    if (this.#terminating.delete(namespace)) await this.#storage.delete(NAMESPACES, '', namespace, { propagation: 'Background' }, USER);
  }

  #namespacedResources(): GroupResource[] {
    const seen = new Map(
      this.#registry
        .all()
        .flatMap(({ group, plural, namespaced }) => (namespaced ? [[`${group}/${plural}`, { group, resource: plural }] as const] : [])),
    );
    return [...seen.values()];
  }

  #get({ resource, namespace, name }: Place): Promise<KubeObject | undefined> {
    return this.#storage.get(resource, namespace, name);
  }

  async #delete({ resource, namespace, name }: Place): Promise<void> {
    await this.#storage.delete(resource, namespace, name, { propagation: 'Background' }, USER);
  }
}

function isNamespace({ group, resource }: GroupResource): boolean {
  return group === '' && resource === 'namespaces';
}

function keyOf({ resource, namespace, name }: Place): string {
  return `${resource.group}/${resource.resource}/${namespace}/${name}`;
}
