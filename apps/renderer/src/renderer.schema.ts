import type { SchemaMigrations } from '@flotilla/persistence';
import { createRenders } from '../migrations/1763700000000-create-renders.js';
import { createAnnouncements } from '../migrations/1763800000000-create-announcements.js';

/** The service's own PostgreSQL schema; run by `migrate` of @flotilla/persistence before the service starts. */
export const rendererSchema: SchemaMigrations = { schema: 'renderer', migrations: [createRenders, createAnnouncements] };
