import type { SchemaMigrations } from '@flotilla/persistence';
import { createBlobs } from '../migrations/1763700000000-create-blobs.js';

/** The store's schema: run it with `migrate` before the store is used. */
export const blobsMigrations: SchemaMigrations = { schema: 'blobs', migrations: [createBlobs] };
