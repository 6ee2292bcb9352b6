export { type CacheEvent, DocumentCache, type DocumentCacheOptions } from './document-cache.js';
export { OwnerCollector, type OwnerCollectorOptions } from './owner-collector.js';
export { PgApplicationStatusWriter } from './pg/application-status.pg.js';
export { PgChangeLog } from './pg/change-log.pg.js';
export { ConsumerCursors } from './pg/consumer-cursors.pg.js';
export { keepLog, LogRetention, type LogRetentionOptions } from './pg/log-retention.pg.js';
export { PgResourceStore, type PgResourceStoreOptions } from './pg/resource-store.pg.js';
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
export { resourcesMigrations } from './resources-migrations.js';
