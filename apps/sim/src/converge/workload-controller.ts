import { type Clock, jsonEqual } from '@flotilla/kernel';
import type { GroupResource, KubeObject, RequestUser } from '@flotilla/kubeapi';
import type { ObservedStorage } from '../cluster/observed-storage.js';
import { WORKLOADS } from './workload-status.js';

const USER: RequestUser = { name: 'system:kube-controller-manager', groups: ['system:masters'] };

/** Gives every workload the status its image tags ask for, now and when its time comes. */
export class WorkloadController {
  readonly #storage: ObservedStorage;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  /** uid -> the generation seen last and since when. */
  readonly #seen = new Map<string, { generation: number; since: number }>();

  constructor(storage: ObservedStorage, clock: Clock, signal: AbortSignal) {
    this.#storage = storage;
    this.#clock = clock;
    this.#signal = signal;
    storage.observe((resource, object, removed) => this.#observe(resource, object, removed));
  }

  #observe(resource: GroupResource, object: KubeObject, removed: boolean): void {
    const { uid = '', generation = 1 } = object.metadata;
    if (!WORKLOADS[object.kind]) return;
    if (removed) {
      this.#seen.delete(uid);
      return;
    }
    if (this.#seen.get(uid)?.generation === generation) return;
    this.#seen.set(uid, { generation, since: this.#clock.now() });
    queueMicrotask(() => this.#start(resource, object));
  }

  #start(resource: GroupResource, object: KubeObject): void {
    this.#converge(resource, object.metadata.namespace ?? '', object.metadata.name).catch((error: unknown) => {
      if (!this.#signal.aborted) throw error;
    });
  }

  async #converge(resource: GroupResource, namespace: string, name: string): Promise<void> {
    while (!this.#signal.aborted) {
      const object = await this.#storage.get(resource, namespace, name);
      const seen = object && this.#seen.get(object.metadata.uid ?? '');
      if (!object || !seen) return;
      const now = this.#clock.now();
      const { status, againAfterMs } = WORKLOADS[object.kind]!({ object, sinceMs: now - seen.since, now });
      const isWritten = jsonEqual(object.status, status) || (await this.#write(resource, { ...object, status }));
      if (isWritten && againAfterMs === undefined) return;
      if (isWritten) await this.#clock.sleep(againAfterMs!, this.#signal).catch(() => undefined);
      if (this.#seen.get(object.metadata.uid ?? '') !== seen) return;
    }
  }

  /** False when somebody wrote in between: look again. */
  async #write(resource: GroupResource, object: KubeObject): Promise<boolean> {
    try {
      await this.#storage.update(resource, object, USER);
      return true;
    } catch {
      return false;
    }
  }
}
