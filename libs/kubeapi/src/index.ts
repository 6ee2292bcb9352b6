export {
  type GroupResource,
  type KubeMeta,
  type KubeObject,
  KubeStorage,
  type ManagedFieldsEntry,
  type RequestUser,
  type StorageEvent,
  type StorageListOptions,
} from './storage.js';
