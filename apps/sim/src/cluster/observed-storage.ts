import { type GroupResource, type KubeObject, MemoryStorage, type RequestUser } from '@flotilla/kubeapi';

/** Hears of every write after it took effect; `removed` when the object is gone. */
export type WriteListener = (resource: GroupResource, object: KubeObject, removed: boolean) => void;

/** Memory storage that tells its controllers of every write, so that they need no watch per kind. */
export class ObservedStorage extends MemoryStorage {
  readonly #listeners: WriteListener[] = [];

  observe(listener: WriteListener): void {
    this.#listeners.push(listener);
  }

  override async create(resource: GroupResource, object: KubeObject, user: RequestUser): Promise<KubeObject> {
    const created = await super.create(resource, object, user);
    this.#tell(resource, created, false);
    return created;
  }

  override async update(resource: GroupResource, object: KubeObject, user: RequestUser): Promise<KubeObject> {
    const updated = await super.update(resource, object, user);
    const isGone = (await super.get(resource, updated.metadata.namespace ?? '', updated.metadata.name)) === undefined;
    this.#tell(resource, updated, isGone);
    return updated;
  }

  override async delete(...parameters: Parameters<MemoryStorage['delete']>): ReturnType<MemoryStorage['delete']> {
    const deleted = await super.delete(...parameters);
    if (deleted) this.#tell(parameters[0], deleted.object, deleted.removed);
    return deleted;
  }

  #tell(resource: GroupResource, object: KubeObject, removed: boolean): void {
    for (const listener of this.#listeners) listener(resource, object, removed);
  }
}
