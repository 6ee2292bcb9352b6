import type { SchemaMigrations } from '@flotilla/persistence';
import { createResources } from '../migrations/1763700000000-create-resources.js';

/** The store's schema: run it with `migrate` before the store is used. */
export const resourcesMigrations: SchemaMigrations = { schema: 'resources', migrations: [createResources] };
