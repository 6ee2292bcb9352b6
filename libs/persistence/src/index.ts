export { UniqueViolationError } from './database.errors.js';
export { Database, type DatabaseError, type Row, type SchemaMigrations, type SqlRunner } from './database.js';
export { type DatabaseOptions, openDatabase } from './database.pg.js';
export { type HoldLeaseOptions, holdLease } from './hold-lease.js';
export { type Lease, LeaseStore, leaseMigrations } from './lease-store.js';
export { migrate } from './migrate.js';
