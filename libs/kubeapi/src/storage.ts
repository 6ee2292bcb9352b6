import type { Requirement } from '@flotilla/selector';

/** A Kubernetes object as JSON. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: KubeMeta;
  [field: string]: unknown;
}

export interface KubeMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean; blockOwnerDeletion?: boolean }[];
  managedFields?: ManagedFieldsEntry[];
  [field: string]: unknown;
}

export interface ManagedFieldsEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time?: string;
  fieldsType: 'FieldsV1';
  fieldsV1: Record<string, unknown>;
  subresource?: string;
}

export interface GroupResource {
  group: string;
  resource: string;
}

export interface StorageListOptions {
  namespace?: string;
  labels?: readonly Requirement[];
  fields?: readonly { path: string; value: string; negated?: boolean }[];
  limit?: number;
  continue?: string;
  asOf?: string;
}

export interface StorageEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubeObject;
  resourceVersion: string;
}

/** The user behind a request, as authentication found it. */
export interface RequestUser {
  name: string;
  groups: readonly string[];
}

/**
 * Where the API machinery keeps objects: the hub's resource store under the gateway, memory under the simulator.
 * The machinery does decoding, patching, field management, validation and preconditions above this port; the port
 * assigns resourceVersion (decimal, monotonic per resource), and refuses a stale write with ConflictError.
 */
export abstract class KubeStorage {
  abstract get(resource: GroupResource, namespace: string, name: string): Promise<KubeObject | undefined>;
  abstract list(
    resource: GroupResource,
    options: StorageListOptions,
  ): Promise<{ items: KubeObject[]; resourceVersion: string; continue?: string; remaining?: number }>;
  /** Events after `resourceVersion`, in order; throws a `gone` FlotillaError when the log is shorter; ends when aborted. */
  abstract watch(
    resource: GroupResource,
    options: Omit<StorageListOptions, 'limit' | 'continue' | 'asOf'> & {
      resourceVersion: string;
      signal: AbortSignal;
      /** An adapter calls it, when it knows, with a version up to which every matching event has been yielded; bookmarks tell it on. */
      onProgress?: (resourceVersion: string) => void;
    },
  ): AsyncIterable<StorageEvent>;
  /** The newest rv of a resource, for bookmarks and for a watch that starts now. */
  abstract currentResourceVersion(resource: GroupResource): Promise<string>;
  abstract create(resource: GroupResource, object: KubeObject, user: RequestUser): Promise<KubeObject>;
  /** Replaces the object; `object.metadata.resourceVersion` is the precondition. `subresource: 'status'` says that only status differs. */
  abstract update(resource: GroupResource, object: KubeObject, user: RequestUser, subresource?: 'status' | 'scale'): Promise<KubeObject>;
  /** Removes the object or marks it deleted when it has finalizers; the last state comes back. */
  abstract delete(
    resource: GroupResource,
    namespace: string,
    name: string,
    options: { uid?: string; resourceVersion?: string; propagation?: 'Background' | 'Foreground' | 'Orphan' },
    user: RequestUser,
  ): Promise<{ object: KubeObject; removed: boolean } | undefined>;
}
