import type { SchemaMigrations } from '@flotilla/persistence';
import { createRenders } from '../migrations/1763700000000-create-renders.js';

/** The service's own PostgreSQL schema; run by `migrate` of @flotilla/persistence before the service starts. */
export const rendererSchema: SchemaMigrations = { schema: 'renderer', migrations: [createRenders] };
