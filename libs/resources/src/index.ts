export {
  ApplicationStatusWriter,
  type ChangeRecord,
  type DeleteOptions,
  type ListOptions,
  type ListResult,
  type ResourceEvent,
  type ResourceKey,
  ResourceStore,
  type ResourceTransaction,
  type StatusRow,
  type WatchOptions,
  type WriteContext,
} from './resource-store.js';
export { AlreadyExistsError, GoneError } from './resources.errors.js';
