import type { SchemaMigrations } from '@flotilla/persistence';
import { createRegistry } from '../migrations/1760000000000-create-registry.js';
import { numberHellos } from '../migrations/1763700000000-number-hellos.js';

/** The service's own PostgreSQL schema; run by `migrate` of @flotilla/persistence before the service starts. */
export const registrySchema: SchemaMigrations = { schema: 'registry', migrations: [createRegistry, numberHellos] };
